package io.heliosdb.replication.core.synchronous;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SynchronousCommitsTest {

    private static final ReplicationId A = new ReplicationId("a");
    private static final ReplicationId B = new ReplicationId("b");

    private final List<String> told = new ArrayList<>();
    private long now;
    private final SynchronousCommits commits =
            new SynchronousCommits(
                    Duration.ofNanos(100),
                    () -> now,
                    new SynchronousCommits.Listener() {
                        @Override
                        public void left(ReplicationId replication, String reason) {
                            told.add(replication + " left: " + reason);
                        }

                        @Override
                        public void joined(ReplicationId replication) {
                            told.add(replication + " joined");
                        }
                    });

    private void commit(long lsn, ReplicationId... replications) {
        for (ReplicationId replication : replications) {
            commits.routed(replication, lsn);
        }
        commits.committed(lsn + 5);
    }

    private void applied(ReplicationId replication, long lsn) {
        commits.replied(ApplyReply.applied(replication, lsn));
    }

    private long applied() {
        return commits.standing().appliedLsn();
    }

    private void begin(ReplicationId... replications) {
        for (ReplicationId replication : replications) {
            commits.begin(replication);
            applied(replication, 0);
        }
    }

    @Test
    void passesACommitOnceAllThatTakePartHaveIt() {
        begin(A, B);
        commit(10);
        assertThat(applied()).isEqualTo(15);
        commit(20, A, B);
        commit(30, B);
        commit(40);
        assertThat(applied()).as("up to the end of what was before").isEqualTo(15);
        assertThat(commits.standing().idle()).isFalse();
        applied(A, 20);
        assertThat(applied()).isEqualTo(15);
        applied(B, 20);
        assertThat(applied()).isEqualTo(25);
        applied(B, 30);
        assertThat(applied()).isEqualTo(45);
        assertThat(commits.standing().idle()).isTrue();
    }

    @Test
    void aTransactionThatIsBeingRoutedIsNotPassed() {
        begin(A);
        commit(10);
        commits.routed(A, 20);
        assertThat(applied()).isEqualTo(15);
        assertThat(commits.standing().idle()).isFalse();
        applied(A, 20);
        assertThat(applied()).as("others of it may come yet").isEqualTo(15);
        commits.committed(25);
        assertThat(applied()).isEqualTo(25);
    }

    @Test
    void nothingIsToldUntilAllHaveAnswered_R1() {
        commits.begin(A);
        commits.begin(B);
        commit(10);
        applied(A, 5);
        assertThat(applied()).isZero();
        assertThat(commits.standing().nobody()).isFalse();
        assertThat(commits.standing().idle()).as("of before the start").isFalse();
        applied(B, 5);
        assertThat(applied()).isEqualTo(15);
    }

    @Test
    void whoKeepsACommitWaitingForTooLongLeavesAndComesBackOnceItKeepsUp() {
        begin(A, B);
        commit(10, A, B);
        applied(B, 10);
        now = 100;
        commits.look(false);
        assertThat(told).isEmpty();
        now = 101;
        commits.look(false);
        assertThat(told).containsExactly("a left: a commit was not applied in time");
        assertThat(applied()).isEqualTo(15);
        assertThat(commits.absent()).isOne();

        commit(20, A);
        assertThat(applied()).as("nobody waits for it").isEqualTo(25);
        now = 300;
        applied(A, 10);
        assertThat(told).as("far behind still").hasSize(1);
        commit(30, A);
        now = 340;
        applied(A, 20);
        commit(40, A);
        assertThat(applied()).as("waited for again").isEqualTo(35);
        assertThat(told).as("lacks one that was let go").hasSize(1);
        applied(A, 30);
        assertThat(told).last().isEqualTo("a joined");
        assertThat(commits.present()).isEqualTo(2);
    }

    @Test
    void whoSaysThatItAppliesNothingLeavesAtOnce() {
        begin(A);
        commit(10, A);
        commits.replied(ApplyReply.absent(A, "it is paused"));
        assertThat(told).containsExactly("a left: it is paused");
        assertThat(applied()).isEqualTo(15);
        assertThat(commits.standing().nobody()).isTrue();
        commits.replied(ApplyReply.absent(A, "it is paused"));
        assertThat(told).as("told once").hasSize(1);
        applied(A, 10);
        assertThat(told).last().isEqualTo("a joined");
    }

    @Test
    void whoNeverAnswersHoldsCommitsUpForTheTimeoutOnly() {
        commits.begin(A);
        commit(10);
        now = 101;
        commits.look(false);
        assertThat(told).containsExactly("a left: it has not been claimed in time");
        assertThat(applied()).isEqualTo(15);
    }

    @Test
    void aStreamThatIsBehindLetsAllGoUntilItHasCaughtUp() {
        begin(A);
        commits.look(true);
        assertThat(told).containsExactly("a left: the stream is behind the source");
        commit(10, A);
        applied(A, 10);
        assertThat(told).as("still behind").hasSize(1);
        commits.look(false);
        applied(A, 10);
        assertThat(told).last().isEqualTo("a joined");
    }

    /** As after a crash: the target is ahead of the checkpoint. */
    @Test
    void whatComesAgainAndIsThereAlreadyIsNotWaitedFor_R1() {
        begin(A);
        applied(A, 20);
        commit(10, A);
        commit(20, A);
        assertThat(applied()).isEqualTo(25);
        commit(30, A);
        assertThat(applied()).isEqualTo(25);
    }

    @Test
    void whoseRowsWereLeftOutDoesNotComeBackUntilItIsCopiedAgain() {
        begin(A);
        commit(10, A);
        commits.fail(A);
        assertThat(told).containsExactly("a left: its rows cannot be routed");
        applied(A, 10);
        assertThat(commits.absent()).isOne();
        commits.mayReturn(A);
        applied(A, 10);
        assertThat(told).last().isEqualTo("a joined");
    }

    @Test
    void joinsOnceWhatWasLetGoMeanwhileIsThereToo() {
        begin(A);
        commit(10, A);
        commits.replied(ApplyReply.absent(A, "it is paused"));
        commit(20, A);
        commit(30, A);
        applied(A, 10);
        assertThat(commits.present()).as("counts again").isOne();
        assertThat(told).as("not told yet").hasSize(1);
        commit(40, A);
        assertThat(applied()).isEqualTo(35);
        applied(A, 30);
        assertThat(told).last().isEqualTo("a joined");
    }

    @Test
    void whatEndsIsNotWaitedFor() {
        begin(A, B);
        commit(10, A);
        commits.end(A);
        assertThat(applied()).isEqualTo(15);
        commits.end(B);
        assertThat(commits.standing().awaited()).isFalse();
        assertThat(commits.standing().nobody()).isTrue();
        applied(A, 10);
        assertThat(commits.isEmpty()).isTrue();
    }

    /** Whatever happens, no commit is passed that somebody in the set lacks. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverPassesWhatAMemberLacks(long seed) {
        Random random = new Random(seed);
        List<ReplicationId> ids = List.of(A, B, new ReplicationId("c"));
        Map<ReplicationId, List<Long>> lacking = new HashMap<>();
        Set<ReplicationId> away = new HashSet<>();
        for (ReplicationId id : ids) {
            lacking.put(id, new ArrayList<>());
            begin(id);
        }
        for (long lsn = 10; lsn < 20_000; lsn += 10) {
            now += random.nextInt(30);
            told.clear();
            ReplicationId one = ids.get(random.nextInt(3));
            List<Long> its = lacking.get(one);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    commit(lsn, one, ids.get((ids.indexOf(one) + 1) % 3));
                    for (ReplicationId id : List.of(one, ids.get((ids.indexOf(one) + 1) % 3))) {
                        lacking.get(id).add(lsn);
                    }
                }
                case 2 -> {
                    if (!its.isEmpty()) {
                        int many = 1 + random.nextInt(its.size());
                        long through = its.get(many - 1);
                        its.subList(0, many).clear();
                        applied(one, through);
                    }
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        commits.replied(ApplyReply.absent(one, "it is paused"));
                    }
                    commits.look(false);
                }
            }
            for (String line : told) {
                ReplicationId id = new ReplicationId(line.substring(0, 1));
                if (line.endsWith("joined")) {
                    away.remove(id);
                } else {
                    away.add(id);
                }
            }
            for (ReplicationId id : ids) {
                if (!away.contains(id) && !lacking.get(id).isEmpty()) {
                    assertThat(applied()).isLessThanOrEqualTo(lacking.get(id).get(0));
                }
            }
        }
        for (ReplicationId id : ids) {
            applied(id, 20_000);
        }
        assertThat(applied()).isEqualTo(commits.routedEndLsn());
    }
}
