package pydron.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FrameServerTest {
    private record Got(int type, byte[] payload) {}

    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();
    private final BlockingQueue<FrameConnection> accepted = new LinkedBlockingQueue<>();
    private RuntimeException bug;

    @TempDir
    Path folder;

    private FrameServer server;

    @BeforeEach
    void listen() throws IOException {
        server = new FrameServer(folder.resolve("s"), "test-wire", 32 << 20, connection -> {
            accepted.add(connection);
            return new FrameHandler() {
                @Override
                public void frame(int type, ByteBuffer payload) {
                    if (bug != null) {
                        throw bug;
                    }
                    if (type == 9) {
                        new FrameReader(payload).listOfU64();
                    }
                    byte[] copy = new byte[payload.remaining()];
                    payload.get(copy);
                    got.add(new Got(type, copy));
                }

                @Override
                public void closed(Ending ending) {
                    endings.add(ending);
                }
            };
        });
    }

    @AfterEach
    void close() {
        server.close();
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(server.socket()));
    }

    private Got next() throws InterruptedException {
        return got.poll(10, TimeUnit.SECONDS);
    }

    @Test
    void onlyTheOwnerMayOpenTheSocketAndItIsRemovedAtTheEnd() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
                .isEqualTo("rw-------");
        server.close();
        assertThat(server.socket()).doesNotExist();
    }

    @Test
    void framesArriveWholeHoweverTheyAreCut() throws Exception {
        FrameWriter out = new FrameWriter();
        out.begin(1)
                .str("ä")
                .u8(200)
                .u32(-1)
                .u64(7)
                .f64(0.5)
                .listOfU32(1, 2)
                .listOfU64(3)
                .listOfStr(List.of("x", "y"));
        out.begin(2);
        ByteBuffer bytes = out.frames();
        try (SocketChannel peer = connect()) {
            while (bytes.hasRemaining()) {
                peer.write(ByteBuffer.wrap(new byte[] {bytes.get()}));
                if (bytes.remaining() % 16 == 0) {
                    Thread.sleep(1);
                }
            }
            FrameReader in = new FrameReader(ByteBuffer.wrap(next().payload()));
            assertThat(in.str()).isEqualTo("ä");
            assertThat(in.u8()).isEqualTo(200);
            assertThat(in.u32()).isEqualTo(-1);
            assertThat(in.u64()).isEqualTo(7);
            assertThat(in.f64()).isEqualTo(0.5);
            assertThat(in.listOfU32()).containsExactly(1, 2);
            assertThat(in.listOfU64()).containsExactly(3);
            assertThat(in.listOfStr()).containsExactly("x", "y");
            in.end();
            assertThat(next().payload()).isEmpty();
        }
        assertThat(endings.poll(10, TimeUnit.SECONDS)).isEqualTo(new Ending.PeerClosed());
    }

    @Test
    void largeFramesBetweenSmallOnesArriveUnchanged() throws Exception {
        try (SocketChannel peer = connect()) {
            for (int size : new int[] {10, 5_000_000, 10, 262_139, 262_140, 262_141, 3_000_001, 1}) {
                byte[] data = new byte[size];
                for (int i = 0; i < size; i++) {
                    data[i] = (byte) (i * 31 + size);
                }
                ByteBuffer bytes = new FrameWriter().begin(3).raw(data).frames();
                while (bytes.hasRemaining()) {
                    peer.write(bytes);
                }
                assertThat(next().payload()).isEqualTo(data);
            }
        }
    }

    @Test
    void aPeerThatDoesNotReadNeitherBlocksTheSenderNorLosesOrder() throws Exception {
        try (SocketChannel peer = connect()) {
            FrameConnection connection = accepted.poll(10, TimeUnit.SECONDS);
            byte[] ballast = new byte[10_000];
            int frames = 1000;
            for (int i = 0; i < frames; i++) {
                ByteBuffer number = ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(i)
                        .flip();
                assertThat(connection.send(5, number, ByteBuffer.wrap(ballast))).isTrue();
            }
            assertThat(connection.queuedBytes()).isPositive();
            for (int i = 0; i < frames; i++) {
                ByteBuffer frame = ByteBuffer.allocate(5 + 4 + ballast.length).order(ByteOrder.LITTLE_ENDIAN);
                while (frame.hasRemaining()) {
                    assertThat(peer.read(frame)).isPositive();
                }
                assertThat(frame.getInt(0)).isEqualTo(1 + 4 + ballast.length);
                assertThat(frame.get(4)).isEqualTo((byte) 5);
                assertThat(frame.getInt(5)).isEqualTo(i);
            }
            assertThat(connection.queuedBytes()).isZero();
        }
    }

    @Test
    void aPeerThatNeverReadsIsDisconnectedAtTheCap() throws Exception {
        try (SocketChannel peer = connect()) {
            FrameConnection connection = accepted.poll(10, TimeUnit.SECONDS);
            ByteBuffer megabyte = ByteBuffer.allocate(1 << 20);
            int sent = 0;
            while (connection.send(5, megabyte) && sent < 100) {
                sent++;
            }
            assertThat(sent).isBetween(31, 40);
            assertThat(endings.poll(10, TimeUnit.SECONDS)).isInstanceOf(Ending.Broken.class);
            assertThat(peer.isOpen()).isTrue();
        }
    }

    @Test
    void aBadLengthAndABadPayloadEndOnlyTheirOwnConnection() throws Exception {
        try (SocketChannel good = connect();
                SocketChannel badLength = connect();
                SocketChannel badPayload = connect()) {
            badLength.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, 1}));
            assertThat(endings.poll(10, TimeUnit.SECONDS)).isInstanceOf(Ending.Broken.class);
            assertThat(badLength.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            badPayload.write(new FrameWriter().begin(9).u32(1_000_000_000).frames());
            assertThat(endings.poll(10, TimeUnit.SECONDS)).isInstanceOf(Ending.Broken.class);
            good.write(new FrameWriter().begin(1).u8(7).frames());
            assertThat(next().payload()).containsExactly(7);
        }
    }

    @Test
    void aHandlerThatFailsEndsItsConnectionAndNotTheServer() throws Exception {
        bug = new IllegalStateException("planted");
        try (SocketChannel first = connect()) {
            first.write(new FrameWriter().begin(1).frames());
            assertThat(endings.poll(10, TimeUnit.SECONDS)).isEqualTo(new Ending.Bug(bug));
        }
        bug = null;
        try (SocketChannel second = connect()) {
            second.write(new FrameWriter().begin(4).frames());
            assertThat(next().type()).isEqualTo(4);
        }
    }
}
