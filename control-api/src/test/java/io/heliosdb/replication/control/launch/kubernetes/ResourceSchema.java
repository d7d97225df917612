package io.heliosdb.replication.control.launch.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the operator's custom resource definition allows, as strictly as the API server with field
 * validation: unknown fields, wrong types, values out of an enumeration, missing fields.
 */
final class ResourceSchema {

    private final JsonNode schema;

    private ResourceSchema(JsonNode schema) {
        this.schema = schema;
    }

    static ResourceSchema ofFlinkDeployments() {
        try (InputStream in =
                ResourceSchema.class.getResourceAsStream(
                        "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml")) {
            JsonNode version = new YAMLMapper().readTree(in).at("/spec/versions/0");
            if (!version.path("name").asText().equals("v1beta1")) {
                throw new IllegalStateException("other version: " + version.path("name"));
            }
            return new ResourceSchema(version.at("/schema/openAPIV3Schema"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> problems(JsonNode resource) {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : resource.properties()) {
            // The API server knows these itself.
            if (!List.of("apiVersion", "kind", "metadata").contains(field.getKey())) {
                check(
                        field.getKey(),
                        field.getValue(),
                        schema.path("properties").path(field.getKey()),
                        problems);
            }
        }
        return problems;
    }

    private static void check(String at, JsonNode value, JsonNode rule, List<String> problems) {
        if (rule.isMissingNode()) {
            problems.add(at + " is not known");
        } else if (value.isObject()) {
            object(at, value, rule, problems);
        } else if (value.isArray()) {
            type(at, "array", rule, problems);
            for (JsonNode item : value) {
                check(at + "[]", item, rule.path("items"), problems);
            }
        } else {
            scalar(at, value, rule, problems);
        }
    }

    private static void object(String at, JsonNode value, JsonNode rule, List<String> problems) {
        boolean open = rule.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        type(at, "object", rule, problems);
        for (JsonNode name : rule.path("required")) {
            if (!value.has(name.asText())) {
                problems.add(at + "." + name.asText() + " is missing");
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode known = rule.path("properties").path(field.getKey());
            JsonNode others = rule.path("additionalProperties");
            if (known.isMissingNode() && others.isObject()) {
                known = others;
            }
            if (!known.isMissingNode() || !open) {
                check(at + "." + field.getKey(), field.getValue(), known, problems);
            }
        }
    }

    private static void scalar(String at, JsonNode value, JsonNode rule, List<String> problems) {
        if (rule.path("x-kubernetes-int-or-string").asBoolean()) {
            return;
        }
        String type =
                value.isTextual()
                        ? "string"
                        : value.isBoolean()
                                ? "boolean"
                                : value.isIntegralNumber() ? "integer" : "number";
        boolean whole = type.equals("integer") && rule.path("type").asText().equals("number");
        if (!whole) {
            type(at, type, rule, problems);
        }
        JsonNode values = rule.path("enum");
        if (values.isArray()) {
            List<String> allowed = new ArrayList<>();
            values.forEach(it -> allowed.add(it.asText()));
            if (!allowed.contains(value.asText())) {
                problems.add(at + " is " + value.asText() + ", none of " + allowed);
            }
        }
    }

    private static void type(String at, String type, JsonNode rule, List<String> problems) {
        if (rule.has("type") && !rule.get("type").asText().equals(type)) {
            problems.add(at + " is a " + type + ", must be a " + rule.get("type").asText());
        }
    }
}
