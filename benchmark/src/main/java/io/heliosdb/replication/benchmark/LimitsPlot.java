package io.heliosdb.replication.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lags over time as an SVG picture: a panel for each run, a line for each tier. */
final class LimitsPlot {

    private static final int WIDTH = 960;
    private static final int PANEL = 300;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 40;
    private static final int BOTTOM = 40;

    /** Milliseconds; the scale is logarithmic. */
    private static final double LEAST = 1;

    private static final double MOST = 1_000_000;

    private static final Map<String, String> COLOURS =
            Map.of("premium", "#c0392b", "standard", "#2471a3", "best-effort", "#7d8a2e");

    /** Second and milliseconds. */
    record Point(double second, double millis) {}

    /**
     * A run.
     *
     * @param loadFrom when the load began
     * @param loadTo when all of it was visible
     */
    record Panel(String title, double loadFrom, double loadTo, Map<String, List<Point>> lines) {}

    private LimitsPlot() {}

    static String svg(List<Panel> panels) {
        double seconds =
                panels.stream()
                        .flatMap(it -> it.lines().values().stream())
                        .flatMap(List::stream)
                        .mapToDouble(Point::second)
                        .max()
                        .orElse(1);
        StringBuilder svg = new StringBuilder();
        int height = panels.size() * PANEL + 30;
        svg.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        .formatted(WIDTH, height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int i = 0; i < panels.size(); i++) {
            panel(svg, panels.get(i), i * PANEL, seconds);
        }
        legend(svg, panels.size() * PANEL + 15);
        return svg.append("</svg>\n").toString();
    }

    private static void panel(StringBuilder svg, Panel panel, int top, double seconds) {
        text(svg, LEFT, top + 22, panel.title(), "font-weight=\"bold\" font-size=\"14\"");
        double from = x(panel.loadFrom(), seconds);
        double to = x(panel.loadTo(), seconds);
        svg.append(
                format(
                        "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#f2f2f2\"/>%n",
                        from, top + TOP, Math.max(0, to - from), PANEL - TOP - BOTTOM));
        for (double millis = LEAST; millis <= MOST; millis *= 10) {
            double y = y(millis, top);
            line(svg, LEFT, y, WIDTH - RIGHT, y, "stroke=\"#dddddd\"");
            text(svg, 8, y + 4, duration(millis), "");
        }
        limit(svg, 1_000, top, "premium");
        limit(svg, 30_000, top, "standard");
        limit(svg, 300_000, top, "best-effort");
        double step = seconds > 120 ? 20 : 10;
        for (double second = 0; second <= seconds; second += step) {
            text(
                    svg,
                    x(second, seconds) - 8,
                    top + PANEL - BOTTOM + 18,
                    format("%.0f s", second),
                    "");
        }
        panel.lines().forEach((tier, points) -> polyline(svg, tier, points, top, seconds));
    }

    private static void limit(StringBuilder svg, double millis, int top, String tier) {
        double y = y(millis, top);
        line(
                svg,
                LEFT,
                y,
                WIDTH - RIGHT,
                y,
                "stroke-dasharray=\"6 4\" stroke=\"" + COLOURS.get(tier) + "\"");
    }

    private static void polyline(
            StringBuilder svg, String tier, List<Point> points, int top, double seconds) {
        svg.append("<polyline fill=\"none\" stroke-width=\"1.6\" stroke=\"")
                .append(COLOURS.get(tier))
                .append("\" points=\"");
        for (Point point : points) {
            svg.append(format("%.1f,%.1f ", x(point.second(), seconds), y(point.millis(), top)));
        }
        svg.append("\"/>\n");
    }

    private static void legend(StringBuilder svg, int y) {
        int x = LEFT;
        for (String tier : List.of("premium", "standard", "best-effort")) {
            line(svg, x, y, x + 30, y, "stroke-width=\"3\" stroke=\"" + COLOURS.get(tier) + "\"");
            String what =
                    tier.equals("premium") ? " (p99 of each second)" : " (worst of each second)";
            text(svg, x + 36, y + 4, tier + what, "");
            x += 250;
        }
        text(svg, x, y + 4, "dashed: limits; grey: the load", "");
    }

    private static double x(double second, double seconds) {
        return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double millis, int top) {
        double bounded = Math.min(MOST, Math.max(LEAST, millis));
        double share = Math.log10(bounded / LEAST) / Math.log10(MOST / LEAST);
        return top + PANEL - BOTTOM - share * (PANEL - TOP - BOTTOM);
    }

    private static String duration(double millis) {
        return millis < 1_000 ? format("%.0f ms", millis) : format("%.0f s", millis / 1_000);
    }

    private static void line(
            StringBuilder svg, double x1, double y1, double x2, double y2, String more) {
        svg.append(
                format(
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>%n",
                        x1, y1, x2, y2, more));
    }

    private static void text(StringBuilder svg, double x, double y, String text, String more) {
        svg.append(format("<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>%n", x, y, more, text));
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
