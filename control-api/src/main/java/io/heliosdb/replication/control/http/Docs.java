package io.heliosdb.replication.control.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;

/** Swagger UI from its webjar: nothing is fetched from elsewhere. */
final class Docs {

    private static final String POM = "META-INF/maven/org.webjars/swagger-ui/pom.properties";
    private static final Map<String, String> FILES =
            Map.of(
                    "swagger-ui.css", "text/css",
                    "swagger-ui-bundle.js", "text/javascript",
                    "favicon-32x32.png", "image/png");

    private static final String PAGE =
            """
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <title>HeliosDB Tenant Replication API</title>
              <link rel="stylesheet" href="/docs/swagger-ui.css">
              <link rel="icon" href="/docs/favicon-32x32.png">
            </head>
            <body>
              <div id="swagger-ui"></div>
              <script src="/docs/swagger-ui-bundle.js"></script>
              <script src="/docs/start.js"></script>
            </body>
            </html>
            """;

    private static final String START =
            """
            SwaggerUIBundle({ url: "/v1/openapi.json", dom_id: "#swagger-ui", validatorUrl: null });
            """;

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

    private Docs() {}

    static void register(RoutesConfig routes) {
        String folder = "META-INF/resources/webjars/swagger-ui/" + version() + "/";
        routes.get("/docs", context -> send(context, "text/html", PAGE));
        routes.get("/docs/start.js", context -> send(context, "text/javascript", START));
        FILES.forEach(
                (name, type) ->
                        routes.get(
                                "/docs/" + name,
                                context -> {
                                    context.header("Content-Security-Policy", POLICY);
                                    context.contentType(type).result(resource(folder + name));
                                }));
    }

    private static void send(Context context, String type, String text) {
        context.header("Content-Security-Policy", POLICY);
        context.contentType(type + "; charset=utf-8").result(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = Docs.class.getClassLoader().getResourceAsStream(POM)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the webjar of Swagger UI is not on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static byte[] resource(String name) {
        try (InputStream in = Docs.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not in the webjar: " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
