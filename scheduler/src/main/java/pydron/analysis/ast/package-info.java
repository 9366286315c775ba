/// Python's own AST as records. Every node keeps the number the driver gave it.
package pydron.analysis.ast;
