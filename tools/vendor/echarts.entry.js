// The parts of ECharts that the statistics pages use: bars, lines, heat-maps and calendars, as SVG.
import { init, use, getInstanceByDom } from "echarts/core";
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  CalendarComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart, HeatmapChart, LineChart,
  CalendarComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent,
  SVGRenderer,
]);

export { init, getInstanceByDom };
