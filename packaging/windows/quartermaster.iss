; The installer for Windows: docs/packages.md. `python packaging/bundle` hands over Version and Bundle.
#ifndef Version
  #error Version is not named: run `python packaging/bundle`
#endif
#ifndef Bundle
  #error Bundle is not named: run `python packaging/bundle`
#endif

[Setup]
AppId={{8C6B5F3E-6B0C-4D0B-9E57-1B9D3E0B7A41}
AppName=Quartermaster
AppVersion={#Version}
AppPublisher=The Quartermaster authors
DefaultDirName={autopf}\Quartermaster
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
UninstallDisplayIcon={app}\quartermaster-window.exe
; For one person, without an administrator. The data is in the person's own folder and stays there.
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
RestartApplications=no

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[InstallDelete]
; What an older version brought and this one does not.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{autoprograms}\Quartermaster"; Filename: "{app}\quartermaster-window.exe"
Name: "{autoprograms}\Quartermaster, the demo household"; Filename: "{app}\quartermaster-window.exe"; Parameters: "demo"

[Run]
Filename: "{app}\quartermaster-window.exe"; Description: "{cm:LaunchProgram,Quartermaster}"; Flags: nowait postinstall skipifsilent
