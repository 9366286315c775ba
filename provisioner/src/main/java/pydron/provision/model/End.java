package pydron.provision.model;

/// Why an instance ends.
public enum End {
    IDLE("idle"),
    LIFETIME("its longest lifetime is over"),
    BUDGET("the budget is used up"),
    OVER_LIMIT("a limit was lowered"),
    STOPPED("everything was told to stop"),
    INTERRUPTED("the cloud takes it back"),
    UNFIT("what programs require cannot be installed there"),
    NEVER_STARTED("the cloud did not start it"),
    NEVER_JOINED("it did not join in time"),
    LEASE_OVER("its lease ended"),
    VANISHED("it is gone without having been told to");

    private final String words;

    End(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
