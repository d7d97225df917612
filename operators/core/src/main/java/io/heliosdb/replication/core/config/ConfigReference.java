package io.heliosdb.replication.core.config;

/** The documentation of the configuration file, made of the keys in code. */
public final class ConfigReference {

    private ConfigReference() {}

    /** A Markdown table with a row per key: key, type, default, meaning. */
    public static String markdownTable() {
        return table(false);
    }

    /** The same of the file that a job with a control store has; its {@code job} is as above. */
    public static String controlTable() {
        return table(true);
    }

    private static String table(boolean control) {
        StringBuilder table =
                new StringBuilder("| key | type | default | meaning |\n|---|---|---|---|\n");
        for (ConfigKey key : ConfigKey.values()) {
            if (key.isOfControl() != control) {
                continue;
            }
            table.append("| `")
                    .append(control ? key.path().substring("control.".length()) : key.path())
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
