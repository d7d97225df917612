package io.heliosdb.replication.core.config;

/** The documentation of the configuration file, made of the keys in code. */
public final class ConfigReference {

    private ConfigReference() {}

    /** A Markdown table with a row per key: key, type, default, meaning. */
    public static String markdownTable() {
        StringBuilder table =
                new StringBuilder("| key | type | default | meaning |\n|---|---|---|---|\n");
        for (ConfigKey key : ConfigKey.values()) {
            table.append("| `")
                    .append(key.path())
                    .append("` | ")
                    .append(key.type())
                    .append(" | ")
                    .append(defaultOf(key))
                    .append(" | ")
                    .append(key.description())
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String defaultOf(ConfigKey key) {
        if (key.required()) {
            return "required";
        }
        return key.defaultText().isEmpty() ? "none" : "`" + key.defaultText() + "`";
    }
}
