package pydron.provision.openstack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import pydron.provision.openstack.BadAccess.Mistake;

/// One cloud's settings, from a file or from variables: texts by key, and what to call a key in a message.
interface Keys {
    /// Of the section `auth`.
    Optional<String> auth(String key);

    Optional<String> top(String key);

    /// The first of `regions`, for who lists several and chooses none.
    Optional<String> firstRegion();

    /// Everything that ends in `_endpoint_override`, without that.
    Map<String, String> overrides();

    /// Where a key is, or should be.
    String where(String key);

    String origin();

    /// What was found to be of the wrong form.
    List<Mistake> mistakes();

    /// `OS_*`
    record Variables(Surroundings surroundings) implements Keys {
        private static String variable(String key) {
            return "OS_" + key.toUpperCase(Locale.ROOT);
        }

        @Override
        public Optional<String> auth(String key) {
            return surroundings.variable(variable(key));
        }

        @Override
        public Optional<String> top(String key) {
            return surroundings.variable(variable(key));
        }

        @Override
        public Optional<String> firstRegion() {
            return Optional.empty();
        }

        @Override
        public Map<String, String> overrides() {
            Map<String, String> result = new LinkedHashMap<>();
            surroundings.variables().forEach((name, value) -> {
                if (name.startsWith("OS_") && name.endsWith("_ENDPOINT_OVERRIDE") && !value.isBlank()) {
                    result.put(name.substring(3, name.length() - 18).toLowerCase(Locale.ROOT), value);
                }
            });
            return result;
        }

        @Override
        public String where(String key) {
            return variable(key);
        }

        @Override
        public String origin() {
            return "the variables OS_*";
        }

        @Override
        public List<Mistake> mistakes() {
            return List.of();
        }
    }

    /// An entry of `clouds.yaml`, with what `secure.yaml` has for it.
    final class Entry implements Keys {
        private final String name;
        private final String file;
        private final Yaml.Entries cloud;
        private final Surroundings surroundings;
        private final List<Mistake> mistakes = new ArrayList<>();

        Entry(String name, String file, Yaml.Entries cloud, Surroundings surroundings) {
            this.name = name;
            this.file = file;
            this.cloud = cloud;
            this.surroundings = surroundings;
        }

        private Optional<Yaml.Entries> section() {
            return switch (cloud.values().get("auth")) {
                case Yaml.Entries section -> Optional.of(section);
                case null, default -> Optional.empty();
            };
        }

        private Optional<String> text(Yaml.Entries entries, String key) {
            return switch (entries.values().get(key)) {
                case null -> Optional.empty();
                case Yaml.Nothing _ -> Optional.empty();
                case Yaml.Text text -> Optional.of(text.text()).filter(it -> !it.isEmpty());
                case Yaml.Items _, Yaml.Entries _ -> {
                    mistakes.add(new Mistake(where(key), "must be a text"));
                    yield Optional.empty();
                }
            };
        }

        @Override
        public Optional<String> auth(String key) {
            Optional<String> found = section().flatMap(it -> text(it, key)).or(() -> text(cloud, key));
            boolean secret = key.equals("password") || key.equals("application_credential_secret");
            return found.isEmpty() && secret ? surroundings.variable("OS_" + key.toUpperCase(Locale.ROOT)) : found;
        }

        @Override
        public Optional<String> top(String key) {
            return text(cloud, key);
        }

        @Override
        public Optional<String> firstRegion() {
            return switch (cloud.values().get("regions")) {
                case Yaml.Items items
                when !items.values().isEmpty() ->
                    switch (items.values().getFirst()) {
                        case Yaml.Text text -> Optional.of(text.text());
                        case Yaml.Entries entries -> text(entries, "name");
                        case Yaml.Items _, Yaml.Nothing _ -> Optional.empty();
                    };
                case null, default -> Optional.empty();
            };
        }

        @Override
        public Map<String, String> overrides() {
            Map<String, String> result = new LinkedHashMap<>();
            for (String key : cloud.values().keySet()) {
                if (key.endsWith("_endpoint_override")) {
                    text(cloud, key).ifPresent(it -> result.put(key.substring(0, key.length() - 18), it));
                }
            }
            return result;
        }

        @Override
        public String where(String key) {
            Optional<Yaml.Entries> section = section();
            Yaml.Value inside = section.map(it -> it.values().get(key)).orElse(null);
            Yaml.Value beside = cloud.values().get(key);
            boolean top = inside == null && (beside != null || key.startsWith("region") || key.equals("cacert"));
            int line = inside != null
                    ? inside.line()
                    : beside != null
                            ? beside.line()
                            : section.filter(_ -> !top).map(Yaml.Entries::line).orElse(cloud.line());
            return file + ":" + line + ": clouds." + name + (top ? "." : ".auth.") + key;
        }

        @Override
        public String origin() {
            return "cloud '" + name + "' of " + file;
        }

        @Override
        public List<Mistake> mistakes() {
            return mistakes;
        }
    }
}
