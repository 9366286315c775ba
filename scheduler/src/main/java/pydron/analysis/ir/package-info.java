/// The two intermediate forms: {@link pydron.analysis.ir.Op}, lowered and undecided, and {@link
/// pydron.analysis.ir.Planned},
/// the ops of a template, with every decision taken.
package pydron.analysis.ir;
