package pydron.cli;

import java.util.HashMap;
import java.util.Map;

/// The environment variables as the user has set them.
///
/// Java reads arguments, variables and file names by the charset of the locale, and in the locale C, which cron jobs
/// and
/// containers have, it loses every letter that is not ASCII. So whoever starts us puts a UTF-8 locale in its place, and
/// says in `PYDRON_LC_ALL` what was there: nothing, or "=" and the value.
final class Environment {
    private static final String WAS = "PYDRON_LC_ALL";
    private static final String LC_ALL = "LC_ALL";

    private Environment() {}

    static Map<String, String> ofUser() {
        return restored(System.getenv());
    }

    static Map<String, String> restored(Map<String, String> ours) {
        String was = ours.get(WAS);
        if (was == null) {
            return ours;
        }
        Map<String, String> theirs = new HashMap<>(ours);
        theirs.remove(WAS);
        if (was.startsWith("=")) {
            theirs.put(LC_ALL, was.substring(1));
        } else {
            theirs.remove(LC_ALL);
        }
        return theirs;
    }
}
