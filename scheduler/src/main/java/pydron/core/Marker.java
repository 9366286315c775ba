package pydron.core;

/// Where failures surface: the start of a `try` body, or of a run.
final class Marker extends Item implements Place {
    final int number;
    final Region region;

    Marker(int number, Region region) {
        this.number = number;
        this.region = region;
    }
}
