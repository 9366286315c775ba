package pydron.provision.join;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import pydron.provision.cloud.Check;

/// A place beside a cloud's instances, from where they fetch the worker sooner than the workstation could bring it to
/// each
/// of them. What goes wrong there is an answer: the worker comes over ssh then.
public interface Staging {
    /// Has the file there, and says where it can be fetched for a while by whoever has the address. May take as long as
    /// the file takes to get there, once for each content.
    ///
    /// @param hash SHA-256 of the file, hexadecimal
    Staged stage(Path file, String hash);

    /// Whether it would work. Leaves nothing behind.
    List<Check> check();

    /// What came of it.
    sealed interface Staged {
        /// The address is a secret as long as it is good.
        record At(URI address) implements Staged {}

        record Failed(String why) implements Staged {}
    }
}
