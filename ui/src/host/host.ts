// What the interface may ask of the program around it. Two implementations: tauri.ts in the real window, fake.ts in a
// plain browser. Nothing else in the interface knows which of them is there.
import type {
  AppView,
  Command,
  CopyFormat,
  DeploymentView,
  Details,
  FieldFault,
  NewDeployment,
  SearchView,
  Settings,
  Snapshot,
  Update,
} from './view';

/** Ends a subscription. */
export type Unlisten = () => void;

/** The program around the interface. Calls reject with a `Fault` unless said otherwise. */
export interface Host {
  /** Everything outside of single conversations. */
  appView(): Promise<AppView>;
  /** The conversation that the program was started for, told once; null if there is none. */
  beginning(): Promise<string | null>;
  /** One conversation as it stands now. */
  snapshot(conversation: string): Promise<Snapshot>;
  /** Does what the person asked for in one conversation; the outcome arrives as updates. */
  command(conversation: string, command: Command): Promise<void>;
  /** Sends a file. */
  attach(conversation: string, name: string, mime: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of a picture item. */
  media(conversation: string, item: string): Promise<ArrayBuffer>;
  /** Saves the picture or file of an item where the person says, and gives that place; null if they thought better of it. */
  saveFile(conversation: string, item: string): Promise<string | null>;
  /** Who was in a conversation and how much was said. */
  details(conversation: string): Promise<Details>;
  /** Tells which conversation is on screen and whether the window has the focus. */
  watching(conversation: string | null, focused: boolean): Promise<void>;
  /** Asks the service whether these details are good; an empty answer means yes. */
  checkDeployment(deployment: NewDeployment): Promise<FieldFault[]>;
  /** Adds a company. Rejects with `FieldFault[]`. */
  addDeployment(deployment: NewDeployment): Promise<DeploymentView>;
  /** The details of a company that the person may change. */
  deploymentDetails(deployment: string): Promise<NewDeployment>;
  /** Takes a company out that the person may remove; what was said with it stays to be read. */
  removeDeployment(deployment: string): Promise<void>;
  /** Name of the live conversation with a company, a fresh one if there is none. */
  openConversation(deployment: string): Promise<string>;
  /** The same with the pretend company. */
  openDemo(): Promise<string>;
  /** Deletes a conversation and everything of it on this computer. One that goes on is ended first. */
  deleteConversation(conversation: string): Promise<void>;
  /** Messages that hold these words, in one conversation or in all with null; the newest first. */
  search(text: string, conversation: string | null): Promise<SearchView>;
  /** Keeps the person's choices. */
  setSettings(settings: Settings): Promise<void>;
  /** Writes the conversation as a file and says where. */
  saveCopy(conversation: string, format: CopyFormat): Promise<string>;
  /** Opens a link of an item, or of the banner with `banner` in its place, outside of Envoi, if the host finds it safe. */
  openLink(conversation: string, item: string, href: string): Promise<void>;
  /** Hides the window; everything goes on. */
  hideWindow(): Promise<void>;
  /** Ends the program. */
  quit(): Promise<void>;
  /** Hears every step of every conversation. */
  onUpdate(hear: (update: Update) => void): Promise<Unlisten>;
  /** Hears whenever anything outside of single conversations changed. */
  onApp(hear: (view: AppView) => void): Promise<Unlisten>;
  /** Hears that a conversation shall be shown, for instance because its notification was clicked. */
  onShow(hear: (conversation: string) => void): Promise<Unlisten>;
  /** Hears that the window was closed for the first time, and what that means has to be explained before it goes. */
  onExplainHiding(hear: () => void): Promise<Unlisten>;
  /** Hears that steps were lost because the interface was too slow: what is on screen has to be asked for again. */
  onMissed(hear: () => void): Promise<Unlisten>;
}
