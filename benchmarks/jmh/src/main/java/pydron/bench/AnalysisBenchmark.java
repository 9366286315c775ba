package pydron.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import pydron.analysis.PipelineAnalysis;

/// From the bytes of a unit to the bytes of its template, for scripts of `benchmarks/scripts`.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AnalysisBenchmark {
    @Param({"monte_carlo", "photometry", "nbody"})
    public String script;

    private byte[] unit;

    @Setup
    public void read() throws IOException {
        unit = Files.readAllBytes(Path.of(System.getProperty("pydron.units"), script));
    }

    @Benchmark
    public byte[] analyse() {
        return PipelineAnalysis.analyse(unit);
    }
}
