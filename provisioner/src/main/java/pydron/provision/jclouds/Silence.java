package pydron.provision.jclouds;

import org.jclouds.logging.Logger;
import org.jclouds.logging.config.LoggingModule;

/// Keeps jclouds from writing to the terminal: what goes wrong is in its exceptions. Its own module for this
/// still prints errors, with requests in them.
final class Silence extends LoggingModule {
    @Override
    public Logger.LoggerFactory createLoggerFactory() {
        return Silent::new;
    }

    private record Silent(String getCategory) implements Logger {
        @Override
        public void trace(String message, Object... values) {}

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public void debug(String message, Object... values) {}

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public void info(String message, Object... values) {}

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public void warn(String message, Object... values) {}

        @Override
        public void warn(Throwable cause, String message, Object... values) {}

        @Override
        public boolean isWarnEnabled() {
            return false;
        }

        @Override
        public void error(String message, Object... values) {}

        @Override
        public void error(Throwable cause, String message, Object... values) {}

        @Override
        public boolean isErrorEnabled() {
            return false;
        }
    }
}
