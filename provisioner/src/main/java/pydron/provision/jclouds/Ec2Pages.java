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
import org.jclouds.rest.annotations.RequestFilters;
import org.jclouds.rest.annotations.VirtualHost;
import org.jclouds.rest.annotations.XMLResponseParser;

/// The lists of EC2, page by page: jclouds' own calls ask for one page only, and know no tags on key pairs and
/// groups.
@RequestFilters(FormSigner.class)
@VirtualHost
interface Ec2Pages extends Closeable {
    @Named("Describe")
    @POST
    @Path("/")
    @XMLResponseParser(Ec2PageHandler.class)
    Page describe(@FormParam("Action") String action, Query query);

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
