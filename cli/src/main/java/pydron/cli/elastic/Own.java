package pydron.cli.elastic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.cli.Home;
import pydron.worker.Main;

/// How to start this very Pydron once more: the same Java, the same jars, also when a newer build has come since.
final class Own {
    private Own() {}

    /// The folder of this build, where what belongs to it may be kept.
    static Path folder() {
        return Path.of(System.getProperty("java.class.path").split(":", 2)[0])
                .toAbsolutePath()
                .getParent()
                .getParent();
    }

    /// Which build the workers are that this one brings, or starts here.
    static String build() {
        return Main.build(Optional.of(packages()));
    }

    /// Of all workers that may join: on this machine tasks use the package that is installed, where there is no
    /// checkout.
    static Set<String> builds() {
        return Home.folder().isPresent() ? Set.of(build()) : Set.copyOf(List.of(build(), Main.build(Optional.empty())));
    }

    /// The folder with the Python package: of the checkout, or the one that this build was installed in.
    private static Path packages() {
        return Home.folder()
                .map(it -> it.resolve("python"))
                .orElseGet(() -> folder().toAbsolutePath().getParent());
    }

    /// Up to the name of the command.
    ///
    /// @param clouds with the jars of clouds
    static List<String> command(boolean clouds) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java));
        String classPath = System.getProperty("java.class.path");
        Path lib = Path.of(classPath.split(":", 2)[0]).toAbsolutePath().getParent();
        Path arguments = lib.resolveSibling(clouds ? "cloud.args" : "java.args");
        if (Files.isRegularFile(arguments)) {
            command.add("@" + arguments);
        } else {
            command.addAll(List.of(
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dfile.encoding=UTF-8"));
            Home.folder().ifPresent(it -> command.add("-Dpydron.home=" + it));
            command.addAll(List.of("-cp", clouds ? classPath + ":" + lib.resolve("cloud") + "/*" : classPath));
        }
        command.add("pydron.cli.Main");
        return command;
    }

    /// The folder for what is there only as long as a process is.
    static String temporary() {
        String folder = System.getenv("PYDRON_TMPDIR");
        return folder != null && !folder.isEmpty() ? folder : System.getProperty("java.io.tmpdir");
    }

    /// The program of an instance's worker, up to its arguments. It has the temporary folder of this one.
    static List<String> worker() {
        List<String> command = command(false);
        command.removeLast();
        command.add("-Djava.io.tmpdir=" + temporary());
        command.add("pydron.worker.Main");
        return command;
    }

    /// The variables that the launcher would set, from those of the user: Java reads arguments and the names of files
    /// by the locale's charset.
    static Map<String, String> environment(Map<String, String> users) {
        Map<String, String> result = new HashMap<>(users);
        String locale = "";
        for (String variable : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
            if (locale.isEmpty()) {
                locale = users.getOrDefault(variable, "");
            }
        }
        String lower = locale.toLowerCase(java.util.Locale.ROOT);
        if (!lower.contains("utf-8") && !lower.contains("utf8")) {
            result.put("PYDRON_LC_ALL", users.containsKey("LC_ALL") ? "=" + users.get("LC_ALL") : "");
            result.put("LC_ALL", "C.UTF-8");
        }
        return result;
    }
}
