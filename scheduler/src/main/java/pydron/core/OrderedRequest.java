package pydron.core;

/// A region waits to be told that everything earlier in the run is complete.
final class OrderedRequest extends Item {
    final Region region;
    final int token;
    final boolean brief;

    OrderedRequest(Region region, int token, boolean brief) {
        this.region = region;
        this.token = token;
        this.brief = brief;
    }
}
