package io.heliosdb.replication.cli.api;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import java.io.Console;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Keeps a server and a key for the commands that come. */
@Command(
        name = "login",
        description = {
            "Keeps where the control API is, and a key, for the commands that come.",
            "Asks for the key on a terminal; else it comes from --key-file or standard input."
        },
        mixinStandardHelpOptions = true)
public final class LoginCommand implements Callable<Integer> {

    @Mixin private ServerOptions server = new ServerOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String given = server.api == null ? System.getenv(ServerOptions.URL_VARIABLE) : server.api;
        String url = given == null ? ApiProfile.DEFAULT_URL : given;
        String key = key();
        ApiProfile profile = ApiProfile.of(url, key);
        if (profile.credential().isEmpty()) {
            throw new Refusal(ExitCode.USAGE, "no key was given");
        }
        server.client(profile).call("GET", "/v1/replications", Map.of("page_size", "1"), null);
        String name = server.profile == null ? ServerOptions.DEFAULT_PROFILE : server.profile;
        Profiles profiles = Profiles.ofUser();
        profiles.keep(name, profile.url(), key);
        spec.commandLine()
                .getOut()
                .println(
                        "profile "
                                + name
                                + " for "
                                + profile.url()
                                + " kept in "
                                + profiles.file());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    private String key() {
        String file = server.keyFile;
        Console console = System.console();
        if (file != null || console == null) {
            return ServerOptions.secret(file == null ? "-" : file);
        }
        char @Nullable [] typed = console.readPassword("API key or token: ");
        return typed == null ? "" : new String(typed).strip();
    }
}
