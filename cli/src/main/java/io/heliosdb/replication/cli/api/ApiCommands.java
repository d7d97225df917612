package io.heliosdb.replication.cli.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Adds the commands on the control API to a command line. */
public final class ApiCommands {

    private static final Map<String, String> GROUPS =
            Map.of(
                    "connection", "Databases, by the control API.",
                    "replication", "Replications, by the control API.",
                    "metrics", "Metrics, by the control API.",
                    "key", "API keys, by the control API.",
                    "client", "OAuth clients, by the control API.");

    private ApiCommands() {}

    public static void addTo(CommandLine root) {
        Map<String, CommandSpec> groups = new LinkedHashMap<>();
        for (ApiOperation operation : ApiOperations.all()) {
            CommandSpec command = command(operation);
            if (operation.group().isEmpty()) {
                root.addSubcommand(operation.verb(), command);
            } else {
                groups.computeIfAbsent(operation.group(), ApiCommands::group)
                        .addSubcommand(operation.verb(), command);
            }
        }
        groups.forEach(root::addSubcommand);
        root.addSubcommand(new LoginCommand());
    }

    private static CommandSpec group(String name) {
        CommandSpec[] self = new CommandSpec[1];
        Runnable missing =
                () -> {
                    throw new CommandLine.ParameterException(
                            self[0].commandLine(),
                            "say one of " + String.join(", ", self[0].subcommands().keySet()));
                };
        CommandSpec spec = CommandSpec.wrapWithoutInspection(missing);
        self[0] = spec;
        spec.name(name).mixinStandardHelpOptions(true);
        spec.usageMessage().description(Objects.requireNonNull(GROUPS.get(name)));
        return spec;
    }

    private static CommandSpec command(ApiOperation operation) {
        ApiCall call = new ApiCall(operation);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(call);
        call.spec(spec);
        spec.name(operation.verb()).mixinStandardHelpOptions(true);
        spec.usageMessage().description(operation.help());
        if (operation.subject() != ApiOperation.Subject.NONE) {
            spec.addPositional(
                    PositionalParamSpec.builder()
                            .paramLabel(operation.subject().label())
                            .description(
                                    switch (operation.subject()) {
                                        case REPLICATION ->
                                                "Its id, or its tenant if that has only one.";
                                        case CONNECTION -> "Its id or name.";
                                        case ID, NONE -> "Its id.";
                                    })
                            .type(String.class)
                            .arity("1")
                            .index("0")
                            .setter(setter(value -> call.subject(String.valueOf(value))))
                            .build());
        }
        operation.options().forEach(option -> spec.addOption(option(option, call)));
        if (operation.hasBody()) {
            spec.addOption(
                    OptionSpec.builder("--body")
                            .paramLabel("FILE")
                            .description(
                                    "More fields as JSON, as /v1/openapi.yaml has them; - for"
                                            + " standard input.")
                            .type(String.class)
                            .setter(
                                    setter(
                                            value ->
                                                    call.bodyFile(
                                                            value == null
                                                                    ? null
                                                                    : value.toString())))
                            .build());
        }
        spec.addOption(
                OptionSpec.builder("--json")
                        .description("The reply as JSON.")
                        .type(boolean.class)
                        .arity("0")
                        .setter(setter(value -> call.json(Boolean.TRUE.equals(value))))
                        .build());
        spec.addMixin("server", CommandSpec.forAnnotatedObject(call.server()));
        return spec;
    }

    private static OptionSpec option(ApiOption option, ApiCall call) {
        OptionSpec.Builder builder =
                OptionSpec.builder(option.name())
                        .description(
                                (option.required() ? "Required. " : "") + sentence(option.help()));
        switch (option.kind()) {
            case FLAG, OBJECT -> builder.type(boolean.class).arity("0");
            case NUMBER -> builder.type(Long.class);
            case LIST -> builder.type(List.class).auxiliaryTypes(String.class).splitRegex(",");
            case TEXT, CONNECTION, SECRET -> builder.type(String.class);
        }
        if (!option.kind().isFlag()) {
            builder.paramLabel(option.kind().label());
        }
        return builder.setter(
                        setter(
                                value -> {
                                    if (value != null && !Boolean.FALSE.equals(value)) {
                                        call.set(option, value);
                                    }
                                }))
                .build();
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    /** Takes a value and keeps no former one. */
    private interface Taking {
        void take(@Nullable Object value);
    }

    private static CommandLine.Model.ISetter setter(Taking taking) {
        return new CommandLine.Model.ISetter() {
            @Override
            public <T> T set(T value) {
                taking.take(value);
                return value;
            }
        };
    }
}
