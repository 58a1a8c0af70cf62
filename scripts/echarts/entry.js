// The parts of Apache ECharts that the report page draws with; see package.json for the command that builds them.
import { init, use } from "echarts/core";
import { HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TitleComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([
  HeatmapChart, LineChart, ScatterChart,
  GridComponent, MarkLineComponent, TitleComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

export { init };
