package pydron.service;

/// Turns the unit that a driver sends (`docs/template.md`) into a graph template.
@FunctionalInterface
public interface Analyzer {
    byte[] analyze(byte[] unit) throws AnalysisException;
}
