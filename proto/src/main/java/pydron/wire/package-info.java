/// Framing for the unix-socket wires: driver to scheduler, worker to task process (`docs/protocols.md`, "Framing").
///
/// It moves frames and knows the primitive formats; what the frames mean is for those who use it. It logs nothing:
/// how a connection ended is told to its handler as an [Ending], and the handler decides what is worth a line.
package pydron.wire;
