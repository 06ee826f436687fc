/* All components of the kit by one import. */
export { Icon, Mark } from "./icon";
export { Button, Field, FormProblem, faultOf, useForm } from "./form";
export { Dialog, Empty, Note, ProblemNote, ProblemPanel, Skeleton, Toasts, useToast, type Tone } from "./feedback";
export {
  Badge, Breadcrumb, Copy, HowMade, Kpi, Kpis, Kv, LongText, Meter, PageTitle, Pager, Pill, SqlId, Tabs, Tag, Time, TraceId, copyText, setConsoleAddress, tabPanel,
  type BadgeTone, type Crumb, type Tab,
} from "./parts";
export { Table, type Column } from "./table";
export { Help, Palette, Shell, ThemeSwitch, setTheme, type Command, type CommandSource, type NavItem } from "./shell";
export { useKeys, type Key } from "./keys";
export { Link, match, navigate, setParams, useAddress, useParam, useRoute, withParams } from "./url";
