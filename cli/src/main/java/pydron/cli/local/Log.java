package pydron.cli.local;

import java.nio.file.Path;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;
import pydron.cli.session.Session;

/// Where the log goes: what a user should know is told in words of its own, the log is for finding out afterwards why.
/// So nothing of it is printed unless `PYDRON_LOG` asks for that; by default it is a file in the session's folder,
/// there as long as the session is.
public final class Log {
    private static final String PREFIX = "org.slf4j.simpleLogger.";

    /// Loggers are kept by nobody else, and what is set on one that has been collected is lost.
    private static final Logger ROOT = LogManager.getLogManager().getLogger("");

    private Log() {}

    /// Before the first logger is made. `PYDRON_LOG` is a file, or "-" for standard error; `PYDRON_LOG_LEVEL` is "info"
    /// if it is not set.
    static void open(Session session, Map<String, String> environment) {
        open(session.folder().resolve("log"), environment);
    }

    /// @param otherwise the file where `PYDRON_LOG` says nothing
    public static void open(Path otherwise, Map<String, String> environment) {
        String place = environment.getOrDefault("PYDRON_LOG", "");
        String file = otherwise.toString();
        if (place.equals("-")) {
            file = "System.err";
        } else if (!place.isEmpty()) {
            file = Path.of(place).toAbsolutePath().toString();
        }
        System.setProperty(PREFIX + "logFile", file);
        System.setProperty(PREFIX + "defaultLogLevel", environment.getOrDefault("PYDRON_LOG_LEVEL", "info"));
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        ROOT.addHandler(new ToSlf4j());
    }

    /// gRPC logs by the JDK's own means, which prints to standard error.
    private static final class ToSlf4j extends Handler {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                LoggerFactory.getLogger(String.valueOf(entry.getLoggerName()))
                        .warn(entry.getMessage(), entry.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
