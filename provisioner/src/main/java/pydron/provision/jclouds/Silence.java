package pydron.provision.jclouds;

import org.jclouds.logging.Logger;
import org.jclouds.logging.config.LoggingModule;

/// No log of jclouds' own: it writes whole requests into it, user data and its one-time tokens included, and its
/// `NullLoggingModule` writes errors to the console all the same. What goes wrong is in the answers.
final class Silence extends LoggingModule {
    @Override
    public Logger.LoggerFactory createLoggerFactory() {
        return Silent::new;
    }

    private record Silent(String category) implements Logger {
        @Override
        public String getCategory() {
            return category;
        }

        @Override
        public void trace(String message, Object... args) {}

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public void debug(String message, Object... args) {}

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public void info(String message, Object... args) {}

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public void warn(String message, Object... args) {}

        @Override
        public void warn(Throwable thrown, String message, Object... args) {}

        @Override
        public boolean isWarnEnabled() {
            return false;
        }

        @Override
        public void error(String message, Object... args) {}

        @Override
        public void error(Throwable thrown, String message, Object... args) {}

        @Override
        public boolean isErrorEnabled() {
            return false;
        }
    }
}
