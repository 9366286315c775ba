package pydron.provision.plan;

import java.time.Duration;

/// @param idle an instance without tasks for so long ends
/// @param warm so many stay, work or not
/// @param spotBound only tasks that take at most so long make spot instances start; zero: none are started
public record Scaling(Duration idle, int warm, Duration spotBound) {}
