import AboutScreen from './screens/about/about-screen.svelte';
import AdapterScreen from './screens/adapters/adapter-screen.svelte';
import AdaptersScreen from './screens/adapters/adapters-screen.svelte';
import CombineScreen from './screens/adapters/combine/combine-screen.svelte';
import BlindTestScreen from './screens/blind/blind-test-screen.svelte';
import BlindTestsScreen from './screens/blind/blind-tests-screen.svelte';
import ComparisonScreen from './screens/comparisons/comparison-screen.svelte';
import ComparisonsScreen from './screens/comparisons/comparisons-screen.svelte';
import DatasetScreen from './screens/data/dataset-screen.svelte';
import DatasetsScreen from './screens/data/datasets-screen.svelte';
import DevicesScreen from './screens/devices/devices-screen.svelte';
import DoctorScreen from './screens/doctor/doctor-screen.svelte';
import ExperimentScreen from './screens/experiments/experiment-screen.svelte';
import ExperimentsScreen from './screens/experiments/experiments-screen.svelte';
import HomeScreen from './screens/home/home-screen.svelte';
import MethodsScreen from './screens/methods/methods-screen.svelte';
import ModelScreen from './screens/models/model-screen.svelte';
import ModelsScreen from './screens/models/models-screen.svelte';
import NewComparisonScreen from './screens/new-comparison/new-comparison-screen.svelte';
import NewExperimentScreen from './screens/new-experiment/new-experiment-screen.svelte';
import PlaygroundScreen from './screens/playground/playground-screen.svelte';
import SettingsScreen from './screens/settings/settings-screen.svelte';
import CompareRunsScreen from './screens/runs/compare-runs-screen.svelte';
import RunsScreen from './screens/runs/runs-screen.svelte';
import type { ScreenEntry } from './state/routes.ts';

/** Every screen. The first is where the workbench opens; of two that an address fits, the first is meant. */
export const screens: ScreenEntry[] = [
  { path: 'home', title: 'Home', icon: 'home', shortcut: ['g', 'h'], component: HomeScreen },
  {
    path: 'experiments',
    title: 'Experiments',
    icon: 'experiment',
    shortcut: ['g', 'e'],
    component: ExperimentsScreen,
  },
  {
    path: 'experiments/new',
    title: 'New experiment',
    shortcut: ['n'],
    query: ['from', 'model', 'data', 'method'],
    component: NewExperimentScreen,
  },
  { path: 'experiments/:id', title: 'Experiment', component: ExperimentScreen },
  {
    path: 'runs',
    title: 'Runs',
    icon: 'runs',
    shortcut: ['g', 'r'],
    query: ['view'],
    component: RunsScreen,
  },
  { path: 'runs/compare', title: 'Chosen runs', query: ['ids'], component: CompareRunsScreen },
  {
    path: 'comparisons',
    title: 'Comparisons',
    icon: 'comparison',
    shortcut: ['g', 'c'],
    component: ComparisonsScreen,
  },
  {
    path: 'comparisons/new',
    title: 'New comparison',
    shortcut: ['c'],
    query: ['from', 'experiment'],
    component: NewComparisonScreen,
  },
  { path: 'comparisons/:id', title: 'Comparison', component: ComparisonScreen },
  { path: 'models', title: 'Models', icon: 'model', shortcut: ['g', 'm'], component: ModelsScreen },
  { path: 'models/:id', title: 'Model', component: ModelScreen },
  { path: 'data', title: 'Data', icon: 'data', shortcut: ['g', 'd'], component: DatasetsScreen },
  { path: 'data/:id', title: 'Data', component: DatasetScreen },
  { path: 'adapters', title: 'Adapters', icon: 'adapter', shortcut: ['g', 'a'], component: AdaptersScreen },
  { path: 'adapters/combine', title: 'Add adapters up', query: ['first'], component: CombineScreen },
  { path: 'adapters/:id', title: 'Adapter', component: AdapterScreen },
  {
    path: 'playground',
    title: 'Playground',
    icon: 'playground',
    shortcut: ['g', 'p'],
    query: ['model', 'adapter'],
    component: PlaygroundScreen,
  },
  {
    path: 'blind',
    title: 'Blind tests',
    icon: 'look',
    shortcut: ['g', 'b'],
    component: BlindTestsScreen,
  },
  { path: 'blind/:id', title: 'Blind test', component: BlindTestScreen },
  { path: 'methods', title: 'Methods', icon: 'method', component: MethodsScreen },
  { path: 'devices', title: 'Devices', icon: 'device', component: DevicesScreen },
  { path: 'doctor', title: 'Doctor', icon: 'doctor', isLast: true, component: DoctorScreen },
  {
    path: 'settings',
    title: 'Settings',
    icon: 'settings',
    isLast: true,
    shortcut: ['g', 's'],
    component: SettingsScreen,
  },
  { path: 'about', title: 'About', icon: 'info', isLast: true, component: AboutScreen },
];
