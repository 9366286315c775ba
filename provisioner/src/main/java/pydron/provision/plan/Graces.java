package pydron.provision.plan;

import java.time.Duration;

/// How long is waited before something is taken for lost. All are counted in time that this process has
/// watched: after a restart they begin anew, so neither a long pause nor a clock that was set makes anything
/// look lost.
///
/// @param join for a worker to join, beyond the boot time of its pool
/// @param missing for an instance that the cloud does not list; longer than any cloud takes to show what it
/// has done
/// @param stray for what carries our tag and belongs to no open claim
/// @param reconnect for workers, after a restart
/// @param drain for running tasks of an instance that is to end
/// @param again between two times that the cloud is asked for the same
public record Graces(
        Duration join, Duration missing, Duration stray, Duration reconnect, Duration drain, Duration again) {}
