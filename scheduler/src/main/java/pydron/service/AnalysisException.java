package pydron.service;

/// The unit could not be analysed; the message is for the user. The pipeline then runs as plain Python.
public final class AnalysisException extends Exception {
    public AnalysisException(String message) {
        super(message);
    }
}
