package io.heliosdb.replication.flink.route;

import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * One key for each key group: a record under each reaches every subtask, whatever the parallelism
 * is.
 */
final class TickKeys {

    private TickKeys() {}

    static String[] ofKeyGroups(int keyGroups) {
        String[] keys = new String[keyGroups];
        int found = 0;
        for (int i = 0; found < keyGroups; i++) {
            String key = "#tick-" + i;
            int group = KeyGroupRangeAssignment.assignToKeyGroup(key, keyGroups);
            if (keys[group] == null) {
                keys[group] = key;
                found++;
            }
        }
        return keys;
    }
}
