package pydron.analysis.ir;

/// A check of a value's real type, made by the driver: code of the user's may hide behind an operator, an attribute or
/// a
/// conversion, and then the op runs in order.
///
/// @param node number of the expression whose value is checked
public record Guard(int node, Kind kind, String attribute) {
    public enum Kind {
        /// Indexing, iterating, asking for its length or truth runs no code of the user's.
        SHALLOW,
        /// Neither does anything that looks at what it holds.
        DEEP,
        /// Getting this attribute runs no code of the user's.
        ATTRIBUTE
    }
}
