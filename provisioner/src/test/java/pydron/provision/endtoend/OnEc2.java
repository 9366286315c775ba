package pydron.provision.endtoend;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Each test has a user's machine and an account of its own.
abstract class OnEc2 {
    @TempDir
    Path folder;

    Ec2Site site;

    @BeforeEach
    void open() throws Exception {
        site = new Ec2Site(folder);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }
}
