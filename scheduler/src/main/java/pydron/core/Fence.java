package pydron.core;

/// A region waits to be told that everything since its marker is complete.
final class Fence extends Item {
    final Region region;
    final Marker marker;
    final int token;

    Fence(Region region, Marker marker, int token) {
        this.region = region;
        this.marker = marker;
        this.token = token;
    }
}
