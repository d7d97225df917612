package io.heliosdb.replication.core.config;

import static io.heliosdb.replication.core.config.ConfigKey.*;
import static java.util.Objects.requireNonNull;

import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.RuleOverlaps;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.model.config.WhenFull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the configuration records of a YAML tree, section by section, noting every problem. */
final class PipelineReader {

    private final Path directory;
    private final References references;
    private final Problems problems;

    PipelineReader(
            Path directory, Function<String, @Nullable String> environment, Problems problems) {
        this.directory = directory;
        this.references = new References(directory, environment, problems);
        this.problems = problems;
    }

    @Nullable PipelineConfig read(YamlNode root) {
        if (!(root instanceof YamlNode.Mapping mapping)) {
            problems.add(
                    root.mark(),
                    "",
                    "the file must have the keys "
                            + String.join(", ", ConfigKey.childrenOf(""))
                            + ", but has "
                            + root.kind());
            return null;
        }
        Section file = new Section("", "", mapping, references, problems);
        SourceConfig source = source(file.section("source", true));
        TenancyConfig tenancy = tenancy(file.section("tenancy", true));
        Map<String, TargetConfig> targets = targets(file);
        List<ReplicationRule> rules = replications(file, targets);
        JobConfig job = job(file.section("job", true));
        return file.build(
                () ->
                        new PipelineConfig(
                                requireNonNull(source),
                                requireNonNull(tenancy),
                                List.copyOf(targets.values()),
                                rules,
                                requireNonNull(job)));
    }

    @Nullable ControlStoreConfig readControl(YamlNode root) {
        if (!(root instanceof YamlNode.Mapping mapping)) {
            problems.add(
                    root.mark(),
                    "",
                    "the file must have the keys "
                            + String.join(", ", ConfigKey.childrenOf("control"))
                            + ", but has "
                            + root.kind());
            return null;
        }
        Section file = new Section("control", "", mapping, references, problems);
        UUID connection = file.value(CONTROL_SOURCE_CONNECTION, PipelineReader::uuid);
        Section store = file.section("store", true);
        DatabaseConfig database =
                store == null
                        ? null
                        : database(
                                store,
                                CONTROL_STORE_URL,
                                CONTROL_STORE_USER,
                                CONTROL_STORE_PASSWORD);
        String keys = store == null ? null : store.text(CONTROL_STORE_SECRET_KEYS);
        JobConfig job = job(file.section("job", "job", true));
        return file.build(
                () ->
                        new ControlStoreConfig(
                                requireNonNull(database),
                                new Secret(requireNonNull(keys)),
                                requireNonNull(connection),
                                requireNonNull(job)));
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be the id of a connection (a UUID)", e);
        }
    }

    private @Nullable SourceConfig source(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        DatabaseConfig database = database(section, SOURCE_URL, SOURCE_USER, SOURCE_PASSWORD);
        String slot = section.text(SOURCE_SLOT);
        String publication = section.text(SOURCE_PUBLICATION);
        Duration heartbeat = section.value(SOURCE_HEARTBEAT, Quantities::duration);
        Duration status = section.value(SOURCE_STATUS, Quantities::duration);
        Duration synchronous = section.value(SOURCE_SYNCHRONOUS_TIMEOUT, Quantities::duration);
        return section.build(
                () ->
                        new SourceConfig(
                                requireNonNull(database),
                                requireNonNull(slot),
                                requireNonNull(publication),
                                requireNonNull(heartbeat),
                                requireNonNull(status),
                                requireNonNull(synchronous)));
    }

    private static @Nullable DatabaseConfig database(
            Section section, ConfigKey url, ConfigKey user, ConfigKey password) {
        String itsUrl = section.text(url);
        String itsUser = section.text(user);
        String itsPassword = section.text(password);
        if (itsUrl == null || itsUser == null) {
            return null;
        }
        return section.build(
                () ->
                        new DatabaseConfig(
                                itsUrl,
                                itsUser,
                                itsPassword == null ? Secret.EMPTY : new Secret(itsPassword)));
    }

    private static @Nullable TenancyConfig tenancy(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        String column = section.text(TENANCY_COLUMN);
        Map<TableId, String> tables = section.map(TENANCY_TABLES, PipelineReader::table);
        String pattern = section.text(TENANCY_SCHEMA_PATTERN);
        List<TableId> reference = section.list(TENANCY_REFERENCE_TABLES, PipelineReader::table);
        return section.build(
                () -> new TenancyConfig(column, tables, pattern, new HashSet<>(reference)));
    }

    private static TableId table(String text) {
        try {
            return TableId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "must be schema.table or table, got '" + text + "'", e);
        }
    }

    private Map<String, TargetConfig> targets(Section file) {
        Map<String, TargetConfig> targets = new LinkedHashMap<>();
        int before = problems.count();
        for (Section section : file.sections("targets")) {
            String name = section.text(TARGET_NAME);
            DatabaseConfig database = database(section, TARGET_URL, TARGET_USER, TARGET_PASSWORD);
            Integer lanes = section.value(TARGET_LANES, PipelineReader::number);
            Long bandwidth = section.value(TARGET_MAX_BANDWIDTH, Quantities::bytes);
            TargetConfig target =
                    section.build(
                            () ->
                                    new TargetConfig(
                                            requireNonNull(name),
                                            requireNonNull(database),
                                            requireNonNull(lanes),
                                            requireNonNull(bandwidth)));
            if (target != null && targets.putIfAbsent(target.name(), target) != null) {
                duplicate(section, "target '" + target.name() + "' is defined twice");
            }
        }
        if (targets.isEmpty() && problems.count() == before) {
            problems.add(file.markOf("targets"), "targets", "must name at least one target");
        }
        return targets;
    }

    private List<ReplicationRule> replications(Section file, Map<String, TargetConfig> targets) {
        List<ReplicationRule> rules = new ArrayList<>();
        Map<String, Integer> names = new HashMap<>();
        RuleOverlaps overlaps = new RuleOverlaps();
        List<String> targetNames = namesOf(file, targets);
        for (Section section : file.sections("replications")) {
            ReplicationRule rule = replication(section);
            if (rule == null) {
                continue;
            }
            rules.add(rule);
            if (names.putIfAbsent(rule.name(), section.mark().line()) != null) {
                duplicate(
                        section,
                        "replication '"
                                + rule.name()
                                + "' is defined twice, first in line "
                                + names.get(rule.name()));
            }
            if (!targetNames.contains(rule.target())) {
                problems.add(
                        section.markOf(REPLICATION_TARGET.key()),
                        section.pathOf(REPLICATION_TARGET.key()),
                        "no target '"
                                + rule.target()
                                + "'"
                                + Nearest.hint(rule.target(), targetNames));
            }
            String overlap = overlaps.add(rule);
            if (overlap != null) {
                problems.add(
                        section.markOf(REPLICATION_TENANT.key()),
                        section.pathOf(REPLICATION_TENANT.key()),
                        overlap);
            }
        }
        return rules;
    }

    /** Also names of targets that are otherwise wrong: one mistake, one message. */
    private static List<String> namesOf(Section file, Map<String, TargetConfig> targets) {
        return Stream.concat(targets.keySet().stream(), file.rawValues("targets", "name"))
                .distinct()
                .toList();
    }

    private static @Nullable ReplicationRule replication(Section section) {
        String name = section.text(REPLICATION_NAME);
        String tenant = section.text(REPLICATION_TENANT);
        String target = section.text(REPLICATION_TARGET);
        Section tables = section.section("tables", false);
        TableFilter filter =
                tables == null
                        ? TableFilter.ALL
                        : new TableFilter(
                                tables.list(REPLICATION_INCLUDE, PipelineReader::pattern),
                                tables.list(REPLICATION_EXCLUDE, PipelineReader::pattern));
        Tier tier = section.value(REPLICATION_TIER, text -> constant(Tier.class, text));
        Integer priority = section.value(REPLICATION_PRIORITY, PipelineReader::number);
        Boolean paused = section.value(REPLICATION_PAUSED, PipelineReader::bool);
        ExistingRows rows =
                section.value(
                        REPLICATION_EXISTING_ROWS, text -> constant(ExistingRows.class, text));
        DdlPolicy ddl = section.value(REPLICATION_DDL, text -> constant(DdlPolicy.class, text));
        Set<DdlTag> allowed =
                section.has(REPLICATION_DDL_ALLOW)
                        ? Set.copyOf(
                                section.list(
                                        REPLICATION_DDL_ALLOW,
                                        text -> constant(DdlTag.class, text)))
                        : DdlRules.APPLY.allowed();
        BacklogConfig backlog = backlog(section);
        ServiceConfig service = service(section);
        return section.build(
                () ->
                        new ReplicationRule(
                                requireNonNull(name),
                                requireNonNull(tenant),
                                requireNonNull(target),
                                filter,
                                requireNonNull(tier),
                                requireNonNull(priority),
                                requireNonNull(paused),
                                requireNonNull(rows),
                                new DdlRules(requireNonNull(ddl), allowed),
                                requireNonNull(backlog),
                                requireNonNull(service)));
    }

    private static @Nullable ServiceConfig service(Section replication) {
        Duration maxLag = replication.value(REPLICATION_MAX_LAG, Quantities::duration);
        Boolean own = replication.value(REPLICATION_OWN_CONNECTION, PipelineReader::bool);
        Long bandwidth = replication.value(REPLICATION_MAX_BANDWIDTH, Quantities::bytes);
        return replication.build(
                () -> new ServiceConfig(maxLag, requireNonNull(own), requireNonNull(bandwidth)));
    }

    private static @Nullable BacklogConfig backlog(Section replication) {
        CompressionLevel level =
                replication.value(
                        REPLICATION_COMPRESSION, text -> constant(CompressionLevel.class, text));
        Section section = replication.section("backlog", false);
        BacklogConfig defaults = BacklogConfig.DEFAULT;
        if (section == null) {
            return new BacklogConfig(
                    level, 0, defaults.maxBytes(), defaults.maxAge(), defaults.whenFull());
        }
        Long memory = section.value(BACKLOG_MEMORY, Quantities::bytes);
        Long maxSize = section.value(BACKLOG_MAX_SIZE, Quantities::bytes);
        Duration maxAge = section.value(BACKLOG_MAX_AGE, Quantities::duration);
        WhenFull whenFull =
                section.value(BACKLOG_WHEN_FULL, text -> constant(WhenFull.class, text));
        return section.build(
                () ->
                        new BacklogConfig(
                                level,
                                memory == null ? 0 : memory,
                                requireNonNull(maxSize),
                                requireNonNull(maxAge),
                                requireNonNull(whenFull)));
    }

    private @Nullable JobConfig job(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        String name = section.text(JOB_NAME);
        String checkpoints = section.value(JOB_CHECKPOINT_DIRECTORY, this::directory);
        Duration interval = section.value(JOB_CHECKPOINT_INTERVAL, Quantities::duration);
        Integer parallelism = section.value(JOB_PARALLELISM, PipelineReader::number);
        Long backlog = section.value(JOB_BACKLOG_MEMORY, Quantities::bytes);
        Integer part = section.value(JOB_TRANSACTION_PART, text -> narrow(Quantities.bytes(text)));
        Integer workers = section.value(JOB_SYNC_WORKERS, PipelineReader::number);
        EncryptionConfig encryption = encryption(section.section("encryption", false));
        return section.build(
                () ->
                        new JobConfig(
                                requireNonNull(name),
                                requireNonNull(checkpoints),
                                requireNonNull(interval),
                                requireNonNull(parallelism),
                                requireNonNull(backlog),
                                requireNonNull(part),
                                requireNonNull(workers),
                                encryption));
    }

    private @Nullable EncryptionConfig encryption(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        String masterKeys = section.text(ENCRYPTION_MASTER_KEYS);
        String dataKeys = section.value(ENCRYPTION_DATA_KEYS, this::directory);
        return section.build(
                () -> {
                    if (masterKeys == null) {
                        throw new IllegalArgumentException("master-keys is missing");
                    }
                    return new EncryptionConfig(
                            directory.resolve(masterKeys).normalize().toString(),
                            requireNonNull(dataKeys));
                });
    }

    /** A URI stays as it is; a path becomes absolute, from the directory of the file. */
    private String directory(String text) {
        if (text.isBlank() || text.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
            return text;
        }
        return directory.resolve(text).normalize().toString();
    }

    private static String pattern(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("pattern must not be blank");
        }
        return text;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a whole number, got '" + text + "'", e);
        }
    }

    private static int narrow(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException("must be true or false, got '" + text + "'");
        };
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String text) {
        List<String> known = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) {
                return constant;
            }
            known.add(name);
        }
        throw new IllegalArgumentException(
                "unknown value '" + text + "'" + Nearest.hint(text, known));
    }

    private void duplicate(Section section, String message) {
        problems.add(section.markOf("name"), section.pathOf("name"), message);
    }
}
