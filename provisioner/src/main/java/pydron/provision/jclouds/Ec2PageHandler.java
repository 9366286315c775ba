package pydron.provision.jclouds;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jclouds.http.functions.ParseSax;
import org.xml.sax.Attributes;

/// Reads a page of any list of EC2: rows are the items of its outermost set, or, of reservations, of the set of
/// instances within. A started instance comes as such a page, too.
final class Ec2PageHandler extends ParseSax.HandlerWithResult<Ec2Pages.Page> {
    private static final String INSTANCES = "/reservationSet/item/instancesSet/item";
    private static final List<String> SETS =
            List.of(INSTANCES, "/instancesSet/item", "/volumeSet/item", "/keySet/item", "/securityGroupInfo/item");

    private final List<Ec2Pages.Row> rows = new ArrayList<>();
    private final Deque<Integer> lengths = new ArrayDeque<>();
    private final StringBuilder path = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private Optional<String> next = Optional.empty();
    private String row = "";
    private Map<String, String> values = new HashMap<>();
    private Map<String, String> tags = new HashMap<>();
    private String key = "";

    @Override
    public void startElement(String uri, String local, String name, Attributes attributes) {
        lengths.push(path.length());
        // The outermost element is called after the action.
        if (lengths.size() > 1) {
            path.append('/').append(name);
        }
        text.setLength(0);
        if (row.isEmpty() && SETS.contains(path.toString())) {
            row = path.toString();
            values = new HashMap<>();
            tags = new HashMap<>();
        }
    }

    @Override
    public void characters(char[] ch, int start, int length) {
        text.append(ch, start, length);
    }

    @Override
    public void endElement(String uri, String local, String name) {
        String at = path.toString();
        String said = text.toString();
        text.setLength(0);
        if (at.equals("/nextToken") && !said.isBlank()) {
            next = Optional.of(said.strip());
        } else if (!row.isEmpty() && at.equals(row)) {
            rows.add(new Ec2Pages.Row(values, tags));
            row = "";
        } else if (!row.isEmpty()) {
            inRow(at.substring(row.length() + 1), said);
        }
        path.setLength(lengths.pop());
    }

    private void inRow(String at, String said) {
        switch (at) {
            case "tagSet/item/key" -> key = said;
            case "tagSet/item/value" -> tags.put(key, said);
            default -> values.putIfAbsent(at, said.strip());
        }
    }

    @Override
    public Ec2Pages.Page getResult() {
        return new Ec2Pages.Page(rows, next);
    }
}
