/*
 * The script of tests/oracle/drivers/script.json as Oracle's JDBC thin driver runs it: each step's name and result as
 * a line of JSON. Run by tests/referees/run; only the driver's own jar is needed.
 *
 *     java -cp ojdbc11.jar Script.java ADDRESS USER PASSWORD SCRIPT
 */
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.*;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import oracle.jdbc.OracleTypes;
import oracle.sql.INTERVALDS;
import oracle.sql.INTERVALYM;
import oracle.sql.json.OracleJsonArray;
import oracle.sql.json.OracleJsonFactory;
import oracle.sql.json.OracleJsonObject;
import oracle.sql.json.OracleJsonValue;

class Script {
    private static final int LONG = 200;
    private static final Pattern PLACE = Pattern.compile("'[^']*'|:(?!=)(\\w+)"); // or a text, which may look so
    private static final Map<String, Integer> TYPES = Map.ofEntries(
            Map.entry("NUMBER", Types.NUMERIC), Map.entry("VARCHAR2", Types.VARCHAR), Map.entry("NVARCHAR2", Types.NVARCHAR),
            Map.entry("DATE", OracleTypes.DATE), Map.entry("TIMESTAMP", Types.TIMESTAMP),
            Map.entry("TIMESTAMP WITH TIME ZONE", OracleTypes.TIMESTAMPTZ), Map.entry("RAW", OracleTypes.RAW),
            Map.entry("INTERVAL DAY TO SECOND", OracleTypes.INTERVALDS), Map.entry("CLOB", Types.CLOB),
            Map.entry("BLOB", Types.BLOB), Map.entry("CURSOR", OracleTypes.CURSOR),
            Map.entry("BINARY_DOUBLE", OracleTypes.BINARY_DOUBLE), Map.entry("BINARY_FLOAT", OracleTypes.BINARY_FLOAT),
            Map.entry("BOOLEAN", OracleTypes.PLSQL_BOOLEAN));
    private static final Map<String, String> TAGS = Map.of("client_identifier", "OCSID.CLIENTID", "module", "OCSID.MODULE",
            "action", "OCSID.ACTION");

    private final String address, user, password;
    private Connection connection;

    Script(String[] args) throws SQLException {
        address = args[0];
        user = args[1];
        password = args[2];
        connection = connect(password, "svc");
    }

    private Connection connect(String word, String service) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", user);
        properties.put("password", word);
        properties.put("oracle.jdbc.defaultLobPrefetchSize", "-1"); // the listener sends no content with a locator
        Connection made = DriverManager.getConnection("jdbc:oracle:thin:@//" + address + "/" + service, properties);
        made.setAutoCommit(false);
        return made;
    }

    // --- values: to the driver, and to JSON ---

    private static String text(OracleJsonValue value) {
        return value.getOracleJsonType() == OracleJsonValue.OracleJsonType.NULL ? null : value.asJsonString().getString();
    }

    private static byte[] bytes(String hex) {
        return java.util.HexFormat.of().parseHex(hex);
    }

    private Object valueOf(String type, String text) throws SQLException {
        if (text == null) return null;
        switch (type) {
            case "NUMBER": return new BigDecimal(text);
            case "DATE": case "TIMESTAMP": return Timestamp.valueOf(text);
            case "TIMESTAMP WITH TIME ZONE":
                return LocalDateTime.parse(text.replace(' ', 'T')).atOffset(java.time.ZoneOffset.UTC);
            case "RAW": return bytes(text);
            case "BINARY_DOUBLE": return Double.valueOf(text);
            case "BINARY_FLOAT": return Float.valueOf(text);
            case "BOOLEAN": return text.equals("TRUE");
            case "INTERVAL DAY TO SECOND": return new INTERVALDS(text);
            default: return text;
        }
    }

    private static Object shortened(String text) {
        int length = text.codePointCount(0, text.length());
        return length <= LONG ? text : List.of(length, text.substring(0, 8), text.substring(text.length() - 8));
    }

    private static String ofTime(LocalDateTime time) {
        String text = time.toString().replace('T', ' ');
        text = text.length() == 16 ? text + ":00" : text;
        return text.contains(".") ? text.replaceAll("0+$", "") : text;
    }

    private Object plain(Object value) throws Exception {
        if (value == null) return null;
        if (value instanceof BigDecimal number) {
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        }
        if (value instanceof byte[] bytes) return bytes.length == 0 ? null : shortened(java.util.HexFormat.of().withUpperCase().formatHex(bytes));
        if (value instanceof java.sql.Date date) return ofTime(new Timestamp(date.getTime()).toLocalDateTime());
        if (value instanceof Timestamp time) return ofTime(time.toLocalDateTime());
        if (value instanceof oracle.sql.TIMESTAMP time) return ofTime(time.timestampValue().toLocalDateTime());
        if (value instanceof oracle.sql.TIMESTAMPTZ time) {
            return ofTime(time.offsetDateTimeValue(connection).withOffsetSameInstant(java.time.ZoneOffset.UTC).toLocalDateTime());
        }
        if (value instanceof INTERVALDS interval) return ofInterval(INTERVALDS.toDuration(interval.toBytes()));
        if (value instanceof INTERVALYM interval) return interval.toString().replaceAll("-(\\d)$", "-0$1");
        if (value instanceof Boolean flag) return flag ? "TRUE" : "FALSE";
        if (value instanceof Clob clob) return plain(clob.getSubString(1, (int) clob.length()));
        if (value instanceof Blob blob) return plain(blob.getBytes(1, (int) blob.length()));
        if (value instanceof ResultSet rows) return rows(rows, false);
        String text = value.toString();
        return text.isEmpty() ? null : shortened(text);
    }

    private static String ofInterval(Duration interval) {
        String fraction = interval.getNano() == 0 ? "" : String.format(".%09d", interval.getNano()).replaceAll("0+$", "");
        return String.format("%d %02d:%02d:%02d%s", interval.toDays(), interval.toHoursPart(), interval.toMinutesPart(),
                interval.toSecondsPart(), fraction);
    }

    /* Of a LOB its length and its first ten characters or bytes. */
    private Object located(Object value) throws Exception {
        if (value instanceof Clob clob) {
            String start = clob.length() == 0 ? "" : clob.getSubString(1, 10);
            return List.of(clob.length(), start);
        }
        if (value instanceof Blob blob) {
            byte[] start = blob.length() == 0 ? new byte[0] : blob.getBytes(1, 10);
            return List.of(blob.length(), java.util.HexFormat.of().withUpperCase().formatHex(start));
        }
        return plain(value);
    }

    // --- statements ---

    private List<Object> rows(ResultSet found, boolean locates) throws Exception {
        List<Object> rows = new ArrayList<>();
        while (found.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                Object value = found.getObject(i);
                row.add(locates ? located(value) : plain(value));
            }
            rows.add(row);
        }
        return rows;
    }

    private void bind(PreparedStatement statement, int place, String type, String text, int times) throws Exception {
        if (text != null && (type.equals("CLOB") || type.equals("BLOB"))) {
            if (type.equals("CLOB")) {
                Clob clob = connection.createClob();
                clob.setString(1, text.repeat(times));
                statement.setClob(place, clob);
            } else {
                Blob blob = connection.createBlob();
                blob.setBytes(1, bytes(text.repeat(times)));
                statement.setBlob(place, blob);
            }
            return;
        }
        Object value = valueOf(type, text == null ? null : text.repeat(times));
        if (value == null) {
            statement.setNull(place, TYPES.get(type));
        } else if (type.equals("DATE")) {
            statement.setObject(place, new oracle.sql.DATE((Timestamp) value));
        } else if (type.equals("BINARY_DOUBLE") || type.equals("BINARY_FLOAT") || type.equals("NVARCHAR2") || type.equals("BOOLEAN")) {
            statement.setObject(place, value, TYPES.get(type));
        } else {
            statement.setObject(place, value);
        }
    }

    /* In the order in which they stand first. */
    private static Set<String> namesOf(String sql) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = PLACE.matcher(sql);
        while (matcher.find()) {
            if (matcher.group(1) != null) names.add(matcher.group(1));
        }
        return names;
    }

    /* The places of a bind in the text: JDBC counts each occurrence. */
    private static List<Integer> placesOf(String sql, String name) {
        List<Integer> places = new ArrayList<>();
        Matcher matcher = PLACE.matcher(sql);
        int place = 0;
        while (matcher.find()) {
            if (matcher.group(1) != null && ++place > 0 && matcher.group(1).equals(name)) places.add(place);
        }
        return places;
    }

    private Object sql(OracleJsonObject step, boolean locates) throws Exception {
        String sql = step.getString("sql");
        List<Integer> outs = new ArrayList<>();
        try (CallableStatement statement = connection.prepareCall(sql)) {
            boolean returns = sql.contains("RETURNING");
            if (step.containsKey("binds")) {
                OracleJsonValue binds = step.get("binds");
                if (binds.getOracleJsonType() == OracleJsonValue.OracleJsonType.ARRAY) {
                    Iterator<String> names = namesOf(sql).iterator();
                    for (OracleJsonValue bind : binds.asJsonArray()) {
                        bindOne(statement, sql, names.next(), bind.asJsonObject(), outs, returns);
                    }
                } else {
                    for (Map.Entry<String, OracleJsonValue> bind : binds.asJsonObject().entrySet()) {
                        bindOne(statement, sql, bind.getKey(), bind.getValue().asJsonObject(), outs, returns);
                    }
                }
            }
            boolean isQuery = statement.execute();
            if (isQuery) return rows(statement.getResultSet(), locates);
            int changed = Math.max(statement.getUpdateCount(), 0);
            if (outs.isEmpty()) return sql.startsWith("BEGIN") || sql.startsWith("DECLARE") ? 0 : changed;
            return List.of(returns ? changed : 0, returns ? returned(statement, outs) : given(statement, outs));
        }
    }

    private void bindOne(CallableStatement statement, String sql, String name, OracleJsonObject bind, List<Integer> outs,
                         boolean returns) throws Exception {
        List<Integer> places = placesOf(sql, name);
        int times = bind.containsKey("times") ? bind.getInt("times") : 1;
        String type = bind.keySet().stream().filter(key -> !key.equals("times")).findFirst().orElseThrow();
        if (type.equals("OUT")) {
            String given = bind.getString("OUT");
            if (returns) {
                ((oracle.jdbc.OraclePreparedStatement) statement).registerReturnParameter(places.get(0), TYPES.get(given));
            } else {
                for (int place : places) statement.registerOutParameter(place, TYPES.get(given));
            }
            outs.add(places.get(0));
        } else if (type.equals("IN OUT")) {
            OracleJsonObject inner = bind.get("IN OUT").asJsonObject();
            String of = inner.keySet().iterator().next();
            for (int place : places) {
                bind(statement, place, of, text(inner.get(of)), 1);
                statement.registerOutParameter(place, TYPES.get(of));
            }
            outs.add(places.get(0));
        } else {
            for (int place : places) bind(statement, place, type, text(bind.get(type)), times);
        }
    }

    private List<Object> given(CallableStatement statement, List<Integer> outs) throws Exception {
        List<Object> values = new ArrayList<>();
        for (int place : outs) {
            Object value = statement.getObject(place);
            values.add(value instanceof Clob || value instanceof Blob ? located(value) : plain(value));
        }
        return values;
    }

    private List<List<Object>> returned(CallableStatement statement, List<Integer> outs) throws Exception {
        List<List<Object>> values = new ArrayList<>();
        ResultSet found = ((oracle.jdbc.OraclePreparedStatement) statement).getReturnResultSet();
        for (int i = 0; i < outs.size(); i++) values.add(new ArrayList<>());
        while (found.next()) {
            for (int i = 0; i < outs.size(); i++) values.get(i).add(plain(found.getObject(i + 1)));
        }
        return values;
    }

    private int[] batch(OracleJsonObject step) throws Exception {
        OracleJsonArray types = step.get("types").asJsonArray();
        try (PreparedStatement statement = connection.prepareStatement(step.getString("sql"))) {
            for (OracleJsonValue row : step.get("rows").asJsonArray()) {
                for (int i = 0; i < types.size(); i++) {
                    bind(statement, i + 1, types.getString(i), text(row.asJsonArray().get(i)), 1);
                }
                statement.addBatch();
            }
            return statement.executeBatch();
        }
    }

    private Object numbers(OracleJsonObject step) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(step.getString("sql"))) {
            for (int i = 0; i < step.getInt("count"); i++) {
                statement.setInt(1, step.getInt("first") + i);
                statement.setString(2, "number " + i);
                statement.addBatch();
            }
            return statement.executeBatch().length;
        }
    }

    private Object run(OracleJsonObject step) throws Exception {
        String act = step.containsKey("do") ? step.getString("do") : step.containsKey("rows") ? "rows" : "sql";
        switch (act) {
            case "version":
                return connection.getMetaData().getDatabaseMajorVersion() + "." + connection.getMetaData().getDatabaseMinorVersion();
            case "sql": return sql(step, false);
            case "locators": return sql(step, true);
            case "count": return ((List<?>) sql(step, false)).size();
            case "rows": return batch(step).length;
            case "row counts": return java.util.Arrays.stream(batch(step)).boxed().toList();
            case "numbers": return numbers(step);
            case "names": {
                List<Object> names = new ArrayList<>();
                try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery(step.getString("sql"))) {
                    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) names.add(found.getMetaData().getColumnLabel(i));
                }
                return names;
            }
            case "tags":
                for (Map.Entry<String, OracleJsonValue> tag : step.get("tags").asJsonObject().entrySet()) {
                    if (TAGS.containsKey(tag.getKey())) connection.setClientInfo(TAGS.get(tag.getKey()), text(tag.getValue()));
                }
                return "done";
            case "ping": return connection.isValid(10) ? "done" : "dead";
            case "commit": connection.commit(); return "done";
            case "rollback": connection.rollback(); return "done";
            case "connect":
                connection = connect(step.containsKey("password") ? step.getString("password") : password,
                        step.containsKey("service") ? step.getString("service") : "svc");
                return "done";
            case "break":
                try (Statement statement = connection.createStatement()) {
                    statement.setQueryTimeout(1);
                    statement.execute(step.getString("sql"));
                }
                return "done";
            default: throw new IllegalStateException(act);
        }
    }

    // --- JSON ---

    private static void write(StringBuilder out, Object value) {
        if (value == null || value instanceof Number) {
            out.append(value);
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                out.append(i > 0 ? "," : "");
                write(out, list.get(i));
            }
            out.append(']');
        } else {
            out.append(new OracleJsonFactory().createString(value.toString()));
        }
    }

    private static String codeOf(SQLException error) {
        return String.format("ORA-%05d", error.getErrorCode());
    }

    public static void main(String[] args) throws Exception {
        OracleJsonObject all = new OracleJsonFactory().createJsonTextValue(Files.newBufferedReader(Path.of(args[3]))).asJsonObject();
        Script script = new Script(args);
        for (OracleJsonValue one : all.get("steps").asJsonArray()) {
            OracleJsonObject step = one.asJsonObject();
            Object result;
            try {
                result = script.run(step);
            } catch (SQLException error) {
                result = codeOf(error);
                if (System.getenv("OCTO_REFEREE_SHOW") != null) System.err.println(step.getString("name") + ": " + error);
            } catch (RuntimeException error) {
                if (System.getenv("OCTO_REFEREE_SHOW") != null) error.printStackTrace();
                result = error.toString();
            }
            if (script.connection.isClosed()) script.connection = script.connect(script.password, "svc"); // the rest may be fine
            StringBuilder line = new StringBuilder();
            write(line, List.of(step.getString("name"), result == null ? "null" : result));
            System.out.println(line);
        }
        script.connection.close();
    }
}
