import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Java's own HTTP client, which has no event streams: it reads lines. Prints as `reading.py` says. */
class ReadStream {
    private static String lastId = null;
    private static String id = null;
    private static String data = null;

    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newHttpClient();
        while (true) {
            var request = HttpRequest.newBuilder(URI.create(arguments[0])).header("Accept", "text/event-stream");
            if (lastId != null) request.header("Last-Event-ID", lastId);
            id = data = null;
            try (var lines = client.send(request.build(), BodyHandlers.ofLines()).body()) {
                lines.forEach(ReadStream::take);
            } catch (java.io.IOException | java.io.UncheckedIOException failure) {
                System.err.println("lost: " + failure);
            }
            Thread.sleep(200);
        }
    }

    private static void take(String line) {
        if (line.startsWith("id: ")) {
            id = line.substring(4);
        } else if (line.startsWith("data: ")) {
            data = line.substring(6);
        } else if (line.isEmpty() && data != null) {
            System.out.println("[" + quoted(id) + ", " + quoted(data) + "]");
            lastId = id;
            data = null;
        }
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
