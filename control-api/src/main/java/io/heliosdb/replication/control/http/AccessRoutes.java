package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.ApiKey;
import io.heliosdb.replication.control.access.Credential;
import io.heliosdb.replication.control.access.OAuthClient;
import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.access.TokenIssuer;
import io.heliosdb.replication.control.access.postgres.ApiKeyRepository;
import io.heliosdb.replication.control.access.postgres.OAuthRepository;
import io.heliosdb.replication.control.http.AccessBodies.ClientPage;
import io.heliosdb.replication.control.http.AccessBodies.ClientView;
import io.heliosdb.replication.control.http.AccessBodies.CreateClient;
import io.heliosdb.replication.control.http.AccessBodies.CreateKey;
import io.heliosdb.replication.control.http.AccessBodies.CreatedClient;
import io.heliosdb.replication.control.http.AccessBodies.CreatedKey;
import io.heliosdb.replication.control.http.AccessBodies.KeyPage;
import io.heliosdb.replication.control.http.AccessBodies.KeyView;
import io.heliosdb.replication.control.http.AccessBodies.TokenReply;
import io.heliosdb.replication.control.http.AccessBodies.TokenRequest;
import io.heliosdb.replication.control.http.CommonBodies.Pagination;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys, clients and tokens. */
final class AccessRoutes {

    private final ApiKeyRepository keys;
    private final OAuthRepository clients;
    private final TokenIssuer issuer;

    AccessRoutes(ApiKeyRepository keys, OAuthRepository clients, TokenIssuer issuer) {
        this.keys = keys;
        this.clients = clients;
        this.issuer = issuer;
    }

    List<Route> all() {
        return List.of(
                route(Method.POST, "/v1/api-keys", "createApiKey", "Make a key; shown once")
                        .on("api_key")
                        .takes(CreateKey.class)
                        .replies(201, CreatedKey.class)
                        .by(this::createKey),
                route(Method.GET, "/v1/api-keys", "listApiKeys", "Keys, without their secrets")
                        .on("api_key")
                        .pages()
                        .replies(200, KeyPage.class)
                        .by(this::listKeys),
                route(Method.DELETE, "/v1/api-keys/{key_id}", "revokeApiKey", "Revoke, at once")
                        .on("api_key")
                        .repliesNothing(204)
                        .by(call -> revoke(call, "key_id", "API key")),
                route(
                                Method.POST,
                                "/v1/oauth-clients",
                                "createOAuthClient",
                                "Make a client; its secret is shown once")
                        .on("oauth_client")
                        .takes(CreateClient.class)
                        .replies(201, CreatedClient.class)
                        .by(this::createClient),
                route(Method.GET, "/v1/oauth-clients", "listOAuthClients", "Clients")
                        .on("oauth_client")
                        .pages()
                        .replies(200, ClientPage.class)
                        .by(this::listClients),
                route(
                                Method.DELETE,
                                "/v1/oauth-clients/{client_id}",
                                "revokeOAuthClient",
                                "Revoke, with its tokens, at once")
                        .on("oauth_client")
                        .repliesNothing(204)
                        .by(call -> revoke(call, "client_id", "OAuth client")),
                token("/oauth/token", "issueToken"),
                token("/v1/oauth/token", "issueTokenBelowVersion"));
    }

    private static RouteBuilder route(Method method, String path, String operation, String text) {
        return new RouteBuilder(method, path, operation, "Access", text)
                .needs(Permission.MANAGE_KEYS, Tenancy.GLOBAL);
    }

    private Route token(String path, String operation) {
        return new RouteBuilder(
                        Method.POST,
                        path,
                        operation,
                        "Access",
                        "OAuth 2.0 client credentials for a token")
                .on("token")
                .takes(TokenRequest.class)
                .replies(200, TokenReply.class)
                .fails(ControlError.UNAUTHORIZED)
                .by(this::issue);
    }

    private Object createKey(Call call) {
        CreateKey wanted = call.body(CreateKey.class);
        Credential credential = Credential.generate();
        ApiKey key =
                keys.insert(
                        credential, wanted.grant(), wanted.expiresAt(), call.principal().name());
        call.concerns(key.id(), key.grant().tenantId());
        return new CreatedKey(credential.text(), KeyView.of(key));
    }

    private Object listKeys(Call call) {
        Call.Paging paging = call.paging();
        return new KeyPage(
                keys.list(paging.offset(), paging.size()).stream().map(KeyView::of).toList(),
                Pagination.of(paging, keys.count()));
    }

    private Object createClient(Call call) {
        CreateClient wanted = call.body(CreateClient.class);
        Credential credential = Credential.generate();
        OAuthClient client = clients.insert(credential, wanted.grant(), call.principal().name());
        call.concerns(client.clientId(), client.grant().tenantId());
        return new CreatedClient(client.clientId(), credential.secret(), ClientView.of(client));
    }

    private Object listClients(Call call) {
        Call.Paging paging = call.paging();
        return new ClientPage(
                clients.list(paging.offset(), paging.size()).stream().map(ClientView::of).toList(),
                Pagination.of(paging, clients.count()));
    }

    private @Nullable Object revoke(Call call, String parameter, String kind) {
        String id = call.path(parameter);
        if (!id.matches("[0-9a-f]{12}")) {
            throw ControlException.notFound(kind, "of this id");
        }
        call.concerns(id, null);
        if (!(parameter.equals("key_id") ? keys.revoke(id) : clients.revoke(id))) {
            throw ControlException.notFound(kind, id);
        }
        return null;
    }

    private Object issue(Call call) {
        String type = call.form("grant_type");
        if (!"client_credentials".equals(type)) {
            throw new ControlException(
                    ControlError.INVALID_REQUEST,
                    "send a form with grant_type=client_credentials, client_id and client_secret");
        }
        String id = call.form("client_id");
        String secret = call.form("client_secret");
        String basic = call.header("Authorization");
        if (id == null && basic != null && basic.regionMatches(true, 0, "Basic ", 0, 6)) {
            String[] parts = decoded(basic.substring(6)).split(":", 2);
            id = parts[0];
            secret = parts.length == 2 ? parts[1] : "";
        }
        if (id == null || secret == null || !id.matches("[0-9a-f]{12}")) {
            throw new ControlException(
                    ControlError.UNAUTHORIZED, "client_id or client_secret is not right");
        }
        call.concerns(id, null);
        TokenIssuer.Token token = issuer.issue(id, secret);
        return new TokenReply(token.text(), "Bearer", token.lifetime().toSeconds());
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
