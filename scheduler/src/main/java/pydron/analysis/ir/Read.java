package pydron.analysis.ir;

/// A variable whose value may still be pending, and how much of it an op needs.
///
/// @param deep whether everything inside must have its value too, or only the object itself
public record Read(String name, boolean deep) {}
