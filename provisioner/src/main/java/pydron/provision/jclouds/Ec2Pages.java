package pydron.provision.jclouds;

import jakarta.inject.Named;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.Closeable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jclouds.aws.filters.FormSigner;
import org.jclouds.http.options.BaseHttpRequestOptions;
import org.jclouds.rest.annotations.FormParams;
import org.jclouds.rest.annotations.RequestFilters;
import org.jclouds.rest.annotations.VirtualHost;
import org.jclouds.rest.annotations.XMLResponseParser;

/// What is asked of EC2 in other words than jclouds': its own lists are of one page only and know no tags on key
/// pairs and groups, and its readers of instances fail on what they do not know.
@RequestFilters(FormSigner.class)
@VirtualHost
interface Ec2Pages extends Closeable {
    @Named("Describe")
    @POST
    @Path("/")
    @XMLResponseParser(Ec2PageHandler.class)
    Page describe(@FormParam("Action") String action, Query query);

    /// One instance, as one row. jclouds' own call asks for the same, and fails on answers with values that are
    /// younger than it is, when the instance is already there.
    @Named("RunInstances")
    @POST
    @Path("/")
    @FormParams(
            keys = {"Action", "MinCount", "MaxCount"},
            values = {"RunInstances", "1", "1"})
    @XMLResponseParser(Ec2PageHandler.class)
    Page run(@FormParam("ImageId") String image, Ec2Launch launch);

    /// One thing of a list.
    ///
    /// @param values by their path within it, as in `instanceState/name`; of repeated ones the first
    record Row(Map<String, String> values, Map<String, String> tags) {
        public Row {
            values = Map.copyOf(values);
            tags = Map.copyOf(tags);
        }

        String get(String path) {
            return values.getOrDefault(path, "");
        }
    }

    /// @param next asks for the page after this one
    record Page(List<Row> rows, Optional<String> next) {
        public Page {
            rows = List.copyOf(rows);
        }
    }

    /// Which things. Values of filters have wild cards: whoever asks for one thing has to look at what came.
    final class Query extends BaseHttpRequestOptions {
        private int filters;

        Query where(String name, String value) {
            filters++;
            formParameters.put("Filter." + filters + ".Name", name);
            formParameters.put("Filter." + filters + ".Value.1", value);
            return this;
        }

        Query pagesOf(int size) {
            formParameters.put("MaxResults", Integer.toString(size));
            return this;
        }

        Query after(String next) {
            formParameters.removeAll("NextToken");
            formParameters.put("NextToken", next);
            return this;
        }
    }
}
