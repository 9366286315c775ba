package pydron.core;

/// What the driver's numbers for regions and markers, which are one space, may stand for.
sealed interface Place permits Region, Marker, Run {}
