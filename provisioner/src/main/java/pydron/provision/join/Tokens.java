package pydron.provision.join;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import pydron.provision.model.ClaimId;

/// Who may join: a claim's token works for the first worker that comes with it, and for that one whenever it comes
/// back.
/// Who that was is remembered over restarts of the service.
public final class Tokens {
    private final JoinKeys keys;
    private final Path used;
    private final Predicate<ClaimId> open;
    private final Map<String, String> workerOf = new HashMap<>();

    /// @param used a file for who has come, made when it is not there
    /// @param open whether a claim may have a worker at this time; called by any thread
    public Tokens(JoinKeys keys, Path used, Predicate<ClaimId> open) throws IOException {
        this.keys = keys;
        this.used = used;
        this.open = open;
        if (Files.exists(used)) {
            for (String line : Files.readAllLines(used)) {
                List<String> words = List.of(line.split(" "));
                if (words.size() == 3) { // the last line before a crash may be cut short
                    workerOf.putIfAbsent(words.get(0), words.get(1));
                }
            }
        }
    }

    /// Why the worker may not join; empty when it may.
    public synchronized Optional<String> refusal(String claim, String token, String worker) {
        if (claim.isEmpty() || claim.length() > 60 || !claim.chars().allMatch(c -> c > ' ' && c < 127)) {
            return Optional.of("it names no claim");
        }
        ClaimId id = new ClaimId(claim);
        if (!keys.isToken(id, token)) {
            return Optional.of("its token is not that of claim '" + claim + "'");
        }
        if (worker.isEmpty() || !worker.chars().allMatch(c -> c > ' ' && c < 127)) {
            return Optional.of("it has no name");
        }
        String first = workerOf.get(claim);
        if (first != null && !first.equals(worker)) {
            return Optional.of("the token of claim '" + claim + "' has been used by another worker");
        }
        if (!open.test(id)) {
            return Optional.of("claim '" + claim + "' is over");
        }
        if (first == null) {
            try {
                Files.writeString(
                        used,
                        "\n" + claim + " " + worker + " .\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                return Optional.of("cannot write '" + used + "': " + e.getMessage());
            }
            workerOf.put(claim, worker);
        }
        return Optional.empty();
    }
}
