package pydron.cli.elastic;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.settings.SettingsReader;

/// What a Terraform configuration has made, as keys of a cloud: the object `pydron` among its outputs, as those of
/// `terraform/` have it, and outputs that are called like keys, `_` for `-`.
///
/// The outputs are asked of `terraform`, or of `tofu`, which read state wherever it is kept. Where neither is
/// installed,
/// the state in the folder itself is read.
public final class TerraformOutputs {
    /// Outputs of other people's configurations that have these names mean machines of theirs.
    private static final Set<String> AMBIGUOUS = Set.of("address", "listen");

    private static final String OURS = "pydron";
    private static final String KIND = "kind";
    private static final String STATE = "terraform.tfstate";
    private static final List<String> PROGRAMS = List.of("terraform", "tofu");

    private final Path folder;
    private final Map<String, JsonElement> outputs = new LinkedHashMap<>();
    private final Map<String, JsonElement> ours = new LinkedHashMap<>();

    /// @param programs that are asked, the first one that is installed
    TerraformOutputs(Path folder, List<String> programs) {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "--terraform: there is no folder '" + folder + "'");
        }
        this.folder = folder;
        try {
            JsonObject all = all(programs);
            all.asMap().forEach((name, it) -> outputs.put(name, value(it)));
            if (outputs.get(OURS) instanceof JsonObject object) {
                ours.putAll(object.asMap());
            }
        } catch (JsonParseException | IllegalStateException | ClassCastException e) {
            throw new CommandFailure(ExitCode.FAILED, "the outputs of '" + folder + "' cannot be understood", e);
        }
    }

    public static TerraformOutputs of(Path folder) {
        return new TerraformOutputs(folder, PROGRAMS);
    }

    /// Of the cloud that it is for, where it says so.
    public Optional<String> kind() {
        return Optional.ofNullable(ours.get(KIND))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString);
    }

    /// @param kind of the cloud; a configuration for another one is refused
    /// @return lists of texts by key, never empty
    public Map<String, List<String>> keys(String kind) {
        String other = kind().orElse(kind);
        if (!other.equals(kind)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "'" + folder + "' is for a cloud of kind '" + other + "', not '" + kind + "'",
                    "'pydron cloud add " + other + " --terraform " + folder + "' adds it.");
        }
        Map<String, List<String>> result = new LinkedHashMap<>();
        ours.forEach((name, it) -> put(result, kind, name, it));
        outputs.forEach((name, it) -> {
            if (!AMBIGUOUS.contains(name)) {
                put(result, kind, name, it);
            }
        });
        if (result.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "the outputs of '" + folder + "' hold no setting of a cloud of kind '" + kind + "'",
                    "Has 'terraform apply' been run there?");
        }
        return result;
    }

    private static JsonElement value(JsonElement output) {
        return output.getAsJsonObject().get("value");
    }

    private static void put(Map<String, List<String>> result, String kind, String name, JsonElement value) {
        String key = name.replace('_', '-');
        if (SettingsReader.isKey(kind, key) && !key.equals(KIND)) {
            texts(value).ifPresent(it -> result.put(key, it));
        }
    }

    private static Optional<List<String>> texts(JsonElement value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof JsonArray several) {
            several.forEach(it -> texts.add(it.getAsString()));
        } else if (value instanceof JsonPrimitive one) {
            texts.add(one.getAsString());
        }
        texts.removeIf(String::isEmpty);
        return texts.isEmpty() ? Optional.empty() : Optional.of(texts);
    }

    private JsonObject all(List<String> programs) {
        for (String program : programs) {
            Optional<String> said = said(program);
            if (said.isPresent()) {
                return JsonParser.parseString(said.get()).getAsJsonObject();
            }
        }
        Path state = folder.resolve(STATE);
        try {
            JsonObject found = JsonParser.parseString(Files.readString(state))
                    .getAsJsonObject()
                    .getAsJsonObject("outputs");
            return found == null ? new JsonObject() : found;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.NOT_FOUND,
                    "cannot run 'terraform' (nor 'tofu'), and there is no state '" + state + "' to read",
                    e,
                    "Install it, or leave out --terraform and give by options what it has made: --subnets,"
                            + " --security-groups, …");
        }
    }

    /// What `PROGRAM output -json` prints; empty when there is no such program. Its warnings go elsewhere.
    private Optional<String> said(String program) {
        Process process;
        Path errors = null;
        try {
            errors = Files.createTempFile("pydron-terraform", ".err");
            process = new ProcessBuilder(program, "output", "-json")
                    .directory(folder.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            delete(errors);
            return Optional.empty();
        }
        try {
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "'" + program + " output -json' in '" + folder + "' has failed with exit code " + code,
                        Files.readString(errors).strip().split("\n"));
            }
            return Optional.of(text);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read what '" + program + "' prints", e);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        } finally {
            delete(errors);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // It is in the folder for what nobody needs.
        }
    }
}
