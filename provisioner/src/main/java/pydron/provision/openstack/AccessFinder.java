package pydron.provision.openstack;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import pydron.provision.openstack.BadAccess.Mistake;

/// Finds out where the user's OpenStack is and who they are, from the same files and variables as the
/// OpenStack client. What is found is never written anywhere.
public final class AccessFinder {
    private static final Set<String> FACES = Set.of("public", "internal", "admin");

    private final Surroundings surroundings;

    public AccessFinder(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// @param cloud its name in `clouds.yaml`; empty: that in `OS_CLOUD`, or else the variables `OS_*`
    /// @throws BadAccess with all mistakes
    public Access find(String cloud) {
        Keys keys = cloud.isEmpty()
                ? surroundings.variable("OS_CLOUD").map(this::entry).orElseGet(this::variables)
                : entry(cloud);
        return new Reading(keys).access();
    }

    /// For a [Session], which looks again whenever it needs a new token.
    ///
    /// @param cloud as for [#find]
    /// @param region empty: as is found
    public Supplier<Access> named(String cloud, String region) {
        return () -> find(cloud).inRegion(region);
    }

    private Keys variables() {
        if (surroundings.variable("OS_AUTH_URL").isEmpty()) {
            throw BadAccess.of(
                    "OS_AUTH_URL",
                    "is not set, and no cloud is named: name one of clouds.yaml, or source the openrc file of the project");
        }
        return new Keys.Variables(surroundings);
    }

    private Keys entry(String name) {
        Path file = file("OS_CLIENT_CONFIG_FILE", "clouds")
                .orElseThrow(() -> BadAccess.of(
                        "cloud '" + name + "'",
                        "there is no clouds.yaml in "
                                + String.join(
                                        ", ",
                                        folders().stream().map(Path::toString).toList())));
        Map<String, Yaml.Value> clouds = clouds(file, "clouds");
        if (!(clouds.get(name) instanceof Yaml.Entries cloud)) {
            String there = clouds.isEmpty() ? "none" : String.join(", ", clouds.keySet());
            throw BadAccess.of(file.toString(), "has no cloud '" + name + "' under 'clouds'; there are: " + there);
        }
        Yaml.Entries merged = cloud;
        Optional<Path> secure = file("OS_CLIENT_SECURE_FILE", "secure");
        if (secure.isPresent() && clouds(secure.get(), "clouds").get(name) instanceof Yaml.Entries more) {
            merged = merge(merged, more);
        }
        return new Keys.Entry(name, file.toString(), profile(name, file, merged), surroundings);
    }

    /// What `clouds-public.yaml` says about a provider, below what the user says.
    private Yaml.Entries profile(String name, Path file, Yaml.Entries cloud) {
        Yaml.Value value = cloud.values().getOrDefault("profile", cloud.values().get("cloud"));
        if (!(value instanceof Yaml.Text profile)) {
            return cloud;
        }
        return file("OS_CLIENT_VENDOR_FILE", "clouds-public")
                .map(it -> clouds(it, "public-clouds").get(profile.text()))
                .filter(Yaml.Entries.class::isInstance)
                .map(it -> merge((Yaml.Entries) it, cloud))
                .orElseThrow(() -> BadAccess.of(
                        file + ":" + profile.line() + ": clouds." + name + ".profile",
                        "'" + profile.text()
                                + "' is in no clouds-public.yaml: write auth.auth_url and region_name here"));
    }

    private static Yaml.Entries merge(Yaml.Entries under, Yaml.Entries over) {
        Map<String, Yaml.Value> result = new LinkedHashMap<>(under.values());
        over.values()
                .forEach((key, value) -> result.merge(
                        key,
                        value,
                        (a, b) -> a instanceof Yaml.Entries x && b instanceof Yaml.Entries y ? merge(x, y) : b));
        return new Yaml.Entries(result, under.line());
    }

    private static Map<String, Yaml.Value> clouds(Path file, String key) {
        return switch (Yaml.read(file).orElse(null)) {
            case null -> Map.of();
            case Yaml.Nothing _ -> Map.of();
            case Yaml.Entries entries ->
                switch (entries.values().get(key)) {
                    case null -> Map.of();
                    case Yaml.Nothing _ -> Map.of();
                    case Yaml.Entries clouds -> clouds.values();
                    case Yaml.Text it -> throw BadAccess.of(file + ":" + it.line() + ": " + key, "must be a map");
                    case Yaml.Items it -> throw BadAccess.of(file + ":" + it.line() + ": " + key, "must be a map");
                };
            case Yaml.Text it -> throw BadAccess.of(file + ":" + it.line(), "must be a map with the key '" + key + "'");
            case Yaml.Items it ->
                throw BadAccess.of(file + ":" + it.line(), "must be a map with the key '" + key + "'");
        };
    }

    private List<Path> folders() {
        Set<Path> result = new LinkedHashSet<>();
        result.add(surroundings.folder());
        surroundings.variable("XDG_CONFIG_HOME").ifPresent(it -> result.add(Path.of(it, "openstack")));
        result.add(surroundings.home().resolve(".config/openstack"));
        result.add(surroundings.system().resolve("xdg/openstack"));
        result.add(surroundings.system().resolve("openstack"));
        return List.copyOf(result);
    }

    private Optional<Path> file(String variable, String name) {
        Optional<String> named = surroundings.variable(variable);
        if (named.isPresent()) {
            Path file = surroundings.path(named.get(), surroundings.folder());
            if (!Files.isRegularFile(file)) {
                throw BadAccess.of(variable, "there is no file " + file);
            }
            return Optional.of(file);
        }
        for (Path folder : folders()) {
            for (String ending : List.of(".yaml", ".yml", ".json")) {
                Path file = folder.resolve(name + ending);
                if (Files.isRegularFile(file)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    /// One cloud's keys, understood.
    private final class Reading {
        private final Keys keys;
        private final List<Mistake> mistakes = new ArrayList<>();

        Reading(Keys keys) {
            this.keys = keys;
        }

        Access access() {
            URI identity = identity();
            Access.Credential credential = credential();
            Access.Place place = place();
            Optional<Path> certificates = certificates();
            Map<String, URI> endpoints = new LinkedHashMap<>();
            keys.overrides()
                    .forEach((kind, text) -> uri(kind + "_endpoint_override", text)
                            .ifPresent(it -> endpoints.put(kind.replace('_', '-'), it)));
            keys.top("identity_api_version")
                    .filter(it -> !it.startsWith("3"))
                    .ifPresent(it -> wrong("identity_api_version", "must be 3, not '" + it + "'"));
            mistakes.addAll(keys.mistakes());
            if (!mistakes.isEmpty()) {
                throw new BadAccess(mistakes.stream().distinct().toList());
            }
            return new Access(keys.origin(), identity, credential, place, certificates, endpoints);
        }

        private void wrong(String key, String what) {
            mistakes.add(new Mistake(keys.where(key), what));
        }

        private String needed(String key) {
            Optional<String> text = keys.auth(key);
            if (text.isEmpty()) {
                wrong(key, "is missing");
            }
            return text.orElse("");
        }

        private URI identity() {
            String text = needed("auth_url");
            return text.isEmpty()
                    ? URI.create("http://invalid/v3")
                    : uri("auth_url", text).map(Reading::versionThree).orElse(URI.create("http://invalid/v3"));
        }

        /// People write the address with and without the version, or with that of long ago.
        private static URI versionThree(URI uri) {
            String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
            String base = path.replaceAll("/v(2\\.0|3)$", "");
            return uri.resolve((base + "/v3").startsWith("/") ? base + "/v3" : "/" + base + "/v3");
        }

        private Optional<URI> uri(String key, String text) {
            try {
                URI uri = new URI(text.strip());
                String scheme = String.valueOf(uri.getScheme());
                if (!scheme.equals("http") && !scheme.equals("https")
                        || uri.getHost() == null
                        || uri.getRawUserInfo() != null) {
                    wrong(key, "must be an address like https://cloud.example.org:5000/v3");
                    return Optional.empty();
                }
                return Optional.of(uri);
            } catch (URISyntaxException e) {
                wrong(key, "must be an address like https://cloud.example.org:5000/v3");
                return Optional.empty();
            }
        }

        private Access.Credential credential() {
            boolean hasSecret = keys.auth("application_credential_secret").isPresent();
            String type = keys.top("auth_type").orElse(hasSecret ? "v3applicationcredential" : "password");
            return switch (type) {
                case "v3applicationcredential" -> applicationCredential();
                case "password", "v3password" -> password();
                default -> {
                    wrong(
                            "auth_type",
                            "'" + type + "' is not supported: use password or v3applicationcredential"
                                    + " (openstack application credential create pydron)");
                    yield new Access.ApplicationCredential("", "", Optional.empty(), "");
                }
            };
        }

        private Access.ApplicationCredential applicationCredential() {
            String id = keys.auth("application_credential_id").orElse("");
            String name = keys.auth("application_credential_name").orElse("");
            Optional<Access.Named> user = Optional.empty();
            if (id.isEmpty() && name.isEmpty()) {
                wrong("application_credential_id", "is missing");
            } else if (id.isEmpty()) {
                user = Optional.of(named("user", "username", "user_id", "user_domain"));
            }
            return new Access.ApplicationCredential(id, name, user, needed("application_credential_secret"));
        }

        private Access.Password password() {
            Access.Named user = named("user", "username", "user_id", "user_domain");
            Access.Named project = keys.auth("project_name").isEmpty()
                            && keys.auth("project_id").isEmpty()
                            && (keys.auth("tenant_name").isPresent()
                                    || keys.auth("tenant_id").isPresent())
                    ? named("project", "tenant_name", "tenant_id", "project_domain")
                    : named("project", "project_name", "project_id", "project_domain");
            return new Access.Password(user, needed("password"), project);
        }

        private Access.Named named(String what, String nameKey, String idKey, String domainKey) {
            String id = keys.auth(idKey).orElse("");
            String name = keys.auth(nameKey).orElse("");
            if (id.isEmpty() && name.isEmpty()) {
                wrong(nameKey, "is missing (or " + idKey + ")");
            }
            String domainId = keys.auth(domainKey + "_id")
                    .or(() -> keys.auth("default_domain_id"))
                    .orElse("");
            String domainName = keys.auth(domainKey + "_name")
                    .or(() -> keys.auth("default_domain_name"))
                    .or(() -> keys.auth("default_domain"))
                    .orElse("");
            // Keystone's first domain has this identity everywhere.
            boolean none = domainId.isEmpty() && domainName.isEmpty();
            return new Access.Named(id, name, none ? "default" : domainId, domainName);
        }

        private Access.Place place() {
            String face = keys.top("interface")
                    .or(() -> keys.top("endpoint_type"))
                    .orElse("public")
                    .replaceAll("URL$", "");
            if (!FACES.contains(face)) {
                wrong("interface", "must be public, internal or admin, not '" + face + "'");
            }
            return new Access.Place(
                    keys.top("region_name").or(keys::firstRegion).orElse(""), face);
        }

        private Optional<Path> certificates() {
            if (keys.top("verify")
                    .filter(it -> it.matches("(?i)false|no|off|0"))
                    .isPresent()) {
                wrong("verify", "false is not supported: give the authority's certificate with cacert");
            }
            if (keys.top("cert").isPresent()) {
                wrong("cert", "client certificates are not supported");
            }
            Optional<Path> file = keys.top("cacert").map(it -> surroundings.path(it, surroundings.folder()));
            file.filter(it -> !Files.isReadable(it) || Files.isDirectory(it))
                    .ifPresent(it -> wrong("cacert", "there is no readable file " + it));
            return file;
        }
    }
}
