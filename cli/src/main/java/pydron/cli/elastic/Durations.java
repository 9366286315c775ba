package pydron.cli.elastic;

import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Demand;

/// How long functions took in earlier runs, by file and name: what a plan is made from before anything has run. What
/// cannot be read counts as never measured.
public final class Durations {
    private static final Logger LOG = LoggerFactory.getLogger(Durations.class);
    private static final int MOST = 5000;
    /// A change below this is not worth a write.
    private static final double TOLERANCE = 0.05;

    private final Path file;
    private final TreeMap<String, Double> seconds;
    private boolean told;

    public Durations(Path file) {
        this.file = file;
        this.seconds = read(file);
    }

    private static TreeMap<String, Double> read(Path file) {
        TreeMap<String, Double> result = new TreeMap<>();
        try {
            Map<String, Double> all =
                    Control.JSON.fromJson(Files.readString(file), new TypeToken<Map<String, Double>>() {});
            if (all != null) {
                all.forEach((key, value) -> {
                    if (value != null && value >= 0) {
                        result.put(key, value);
                    }
                });
            }
        } catch (IOException | JsonParseException e) {
            // Nothing is known yet.
        }
        return result;
    }

    private static String key(String file, String function) {
        return file + ":" + function;
    }

    /// By qualified name.
    Map<String, Double> ofFile(String file) {
        TreeMap<String, Double> result = new TreeMap<>();
        String start = file + ":";
        seconds.tailMap(start).forEach((key, value) -> {
            if (key.startsWith(start)) {
                result.put(key.substring(start.length()), value);
            }
        });
        return result;
    }

    /// Of all files, by name without dots; where several files have one, any.
    Map<String, Double> all() {
        TreeMap<String, Double> result = new TreeMap<>();
        seconds.forEach((key, value) -> result.put(simple(key.substring(key.lastIndexOf(':') + 1)), value));
        return result;
    }

    static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    void note(List<Demand.Measured> functions) {
        boolean changed = false;
        for (Demand.Measured it : functions) {
            Double before = seconds.get(key(it.file(), it.name()));
            if (before == null || Math.abs(it.seconds() - before) > TOLERANCE * before) {
                seconds.put(key(it.file(), it.name()), it.seconds());
                changed = true;
            }
        }
        while (seconds.size() > MOST) {
            seconds.pollFirstEntry();
        }
        if (changed) {
            write();
        }
    }

    private void write() {
        try {
            Path draft = Files.createTempFile(file.getParent(), ".durations", ".new");
            Files.writeString(draft, Control.JSON.toJson(seconds));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            if (!told) {
                LOG.warn("file={} cannot be written: {}", file, e.getMessage());
            }
            told = true;
        }
    }
}
