package pydron.analysis.ir;

/// A check of a value's real type, made by the driver: code of the user's may hide behind an operator, an attribute, a
/// method or a conversion, and then the op runs in order. The order of the kinds is that of strictness.
///
/// @param node number of the expression whose value is checked
/// @param detail for ATTRIBUTE its name, for METHOD and INSIDE what `MethodEvaluator` says
public record Guard(int node, Kind kind, String detail) {
    public enum Kind {
        /// Getting this attribute runs no code of the user's.
        ATTRIBUTE,
        /// Indexing, iterating, asking for its length or truth runs no code of the user's.
        SHALLOW,
        /// Neither does anything that looks at what it holds.
        DEEP,
        /// The method of this name is the one that the catalogue means.
        METHOD,
        /// The methods that a function calls of this argument, or of what it holds, are those that the catalogue means.
        WITHIN,
        /// The method of this name, called inside a comprehension or lambda, is the one that the catalogue means: of
        /// every object that the op's variables hold.
        INSIDE;

        public boolean isOfMethods() {
            return this == METHOD || this == WITHIN || this == INSIDE;
        }
    }
}
