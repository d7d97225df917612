package io.heliosdb.replication.control.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Names of enum constants as the interface writes them: {@code BEST_EFFORT} is BestEffort. */
public final class EnumNames {

    private EnumNames() {}

    public static String of(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.name().split("_")) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase());
        }
        return name.toString();
    }

    public static <E extends Enum<E>> Optional<E> find(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (of(constant).equals(name)) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    /** The constant of a name that we wrote ourselves. */
    public static <E extends Enum<E>> E parse(Class<E> type, String name) {
        return find(type, name)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'" + name + "' is none of " + all(type)));
    }

    public static <E extends Enum<E>> List<String> all(Class<E> type) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(of(constant));
        }
        return names;
    }
}
