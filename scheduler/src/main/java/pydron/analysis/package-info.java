/// From a pipeline's source to its graph template: what may overlap, what may be set aside, what must wait.
///
/// The way of a pipeline: {@link pydron.analysis.ast.Unit} reads what the driver sent, `Names` finds out what is a
/// variable of
/// its own, `Lower` takes the calls out of expressions, `Flow` (with `Evaluator` and `Steps`) follows values and
/// objects through
/// the ops and takes the decisions, `TemplateVerifier` checks the result without looking at how it came about, and
/// `TemplateWriter` writes it (docs/template.md). Pure functions throughout: no clock, no threads, no files.
package pydron.analysis;
