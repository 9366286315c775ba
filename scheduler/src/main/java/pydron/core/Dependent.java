package pydron.core;

/// What may wait for a value: a task for its inputs, or a value that the driver made of others.
sealed interface Dependent permits Task, Value {}
