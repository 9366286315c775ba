package pydron.provision.ec2;

/// What is answered instead of what was asked for.
public final class ApiError extends RuntimeException {
    public final int status;
    public final String code;

    public ApiError(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static ApiError bad(String code, String message) {
        return new ApiError(400, code, message);
    }
}
