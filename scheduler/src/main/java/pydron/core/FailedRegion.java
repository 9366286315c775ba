package pydron.core;

/// The place where a region's own code raised.
final class FailedRegion extends Item {
    final Region region;

    FailedRegion(Region region) {
        this.region = region;
    }
}
